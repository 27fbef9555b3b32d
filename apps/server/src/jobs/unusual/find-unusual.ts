import { dayMs, type Habits, hourAfter, type Observation, peaksBefore, refusedAtLeast } from './habits.ts'

/** Something that is not usual for a key, and why. */
export interface Finding {
  readonly kind: 'key.new_network' | 'key.two_places' | 'key.volume_jump' | 'key.used_after_silence' | 'key.probing'
  /** One sentence with the figures. */
  readonly explanation: string
  /** The figures. */
  readonly evidence: Readonly<Record<string, string | number>>
}

/** A key is known from here on. */
const knownAfter = { ms: 7 * dayMs, activeDays: 3 }
const silenceMs = 30 * dayMs
/** How often a month a key may come from somewhere new, so that it is worth telling. */
const newNetworksAMonth = 1
const jump = { times: 5, least: 50 }
const probedOperations = 3

/** What of an observation is unusual for the key, by what was seen before it; nothing of a key that is not known yet. */
export function findUnusual(habits: Habits | null, seen: Observation): Finding[] {
  if (habits === null || seen.from - habits.since < knownAfter.ms || habits.activeDays < knownAfter.activeDays) return []
  return [...networkFindings(habits, seen), ...volumeFindings(habits, seen), ...silenceFindings(habits, seen), ...probingFindings(habits, seen)]
}

function networkFindings(habits: Habits, seen: Observation): Finding[] {
  const days = Math.floor((seen.from - habits.since) / dayMs)
  const expected = ((habits.newNetworkDays + 0.25) * 30) / days
  if (expected > newNetworksAMonth) return []
  const known = [...seen.networks.keys()].filter((network) => habits.networks[network] !== undefined)
  const fresh = [...seen.networks].filter(([network]) => habits.networks[network] === undefined)
  return fresh.map(([network, requests]): Finding => {
    const [other] = known
    const evidence = { network, requests, days, newNetworkDays: habits.newNetworkDays, knownNetworks: Object.keys(habits.networks).slice(0, 20).join(', ') }
    if (other !== undefined && habits.togetherDays === 0) {
      const explanation = `The key was used from ${network} while it was used from ${other}; in ${days} days it never was in two places at once.`
      return { kind: 'key.two_places', explanation, evidence: { ...evidence, other } }
    }
    const often = habits.newNetworkDays === 0 ? 'never' : `on ${habits.newNetworkDays} days`
    return { kind: 'key.new_network', explanation: `The key was used from ${network}; in ${days} days it came from a new network ${often}.`, evidence }
  })
}

/** Once an hour, at the request that goes beyond. */
function volumeFindings(habits: Habits, seen: Observation): Finding[] {
  const peaks = peaksBefore(habits, seen.from)
  const most = Math.max(0, ...peaks.map(([, requests]) => requests))
  const bound = Math.max(jump.least, jump.times * most)
  const { start, requests } = hourAfter(habits, seen)
  const before = habits.hour.start === start ? habits.hour.requests : 0
  if (before > bound || requests <= bound) return []
  const explanation = `There were ${requests} requests in this hour so far; the most in any hour of ${peaks.length} days was ${most}.`
  return [{ kind: 'key.volume_jump', explanation, evidence: { requests, most, days: peaks.length } }]
}

function silenceFindings(habits: Habits, seen: Observation): Finding[] {
  const silentMs = seen.from - habits.lastAt
  if (silentMs < silenceMs) return []
  const days = Math.floor(silentMs / dayMs)
  return [{ kind: 'key.used_after_silence', explanation: `The key was used again after ${days} days of silence.`, evidence: { days, requests: seen.requests } }]
}

function probingFindings(habits: Habits, { refused: { requests, operations } }: Observation): Finding[] {
  if (requests < refusedAtLeast || operations.length < probedOperations || habits.refusedDays > 0) return []
  const explanation = `${requests} requests to ${operations.length} operations were refused for want of a scope, within minutes; that was never seen of this key.`
  return [{ kind: 'key.probing', explanation, evidence: { requests, operations: operations.slice(0, 20).join(', ') } }]
}
