/** What is usual for a key, learnt from its own history and small enough to be kept beside it. Times are in milliseconds. */

/** What a key was used for in some minutes of one hour. */
export interface Observation {
  readonly from: number
  readonly to: number
  readonly requests: number
  /** Requests of each network; of those whose address is not known none. */
  readonly networks: ReadonlyMap<string, number>
  /** Requests that were refused for want of a scope, and the operations that they asked for. */
  readonly refused: { readonly requests: number; readonly operations: readonly string[] }
}

/** Stored as JSON. */
export interface Habits {
  /** When it was used first. */
  readonly since: number
  readonly lastAt: number
  /** Days (UTC) with a use; the number of the latest. */
  readonly activeDays: number
  readonly lastDay: number
  /** The last use from each network, of the latest so many. */
  readonly networks: Readonly<Record<string, number>>
  /** Days on which a network came for the first time, the first day apart; days on which several were used at once. */
  readonly newNetworkDays: number
  readonly lastNewNetworkDay: number
  readonly togetherDays: number
  readonly lastTogetherDay: number
  /** Days on which scopes were refused more than a slip would explain. */
  readonly refusedDays: number
  readonly lastRefusedDay: number
  /** The running hour. */
  readonly hour: { readonly start: number; readonly requests: number }
  /** The busiest hour that is over of each of the last days with a use: the number of the day, and requests. */
  readonly peaks: readonly (readonly [day: number, requests: number])[]
}

export const hourMs = 3_600_000
export const dayMs = 86_400_000
const networksAtMost = 100
const peakDays = 28
/** So few refusals in some minutes are a slip. */
export const refusedAtLeast = 10

/** The habits after an observation; null: there were none before. Later observations come later. */
export function learn(habits: Habits | null, seen: Observation): Habits {
  const day = Math.floor(seen.from / dayMs)
  const before = habits ?? firstHabits(seen.from, day)
  const isNewDay = day !== before.lastDay
  const isNewNetwork = habits !== null && [...seen.networks.keys()].some((network) => before.networks[network] === undefined)
  const hour = hourAfter(before, seen)
  return {
    since: before.since,
    lastAt: seen.to,
    activeDays: before.activeDays + Number(isNewDay),
    lastDay: day,
    networks: latest({ ...before.networks, ...Object.fromEntries([...seen.networks.keys()].map((network) => [network, seen.to])) }),
    ...countDay(before, { day, isToday: isNewNetwork && day > Math.floor(before.since / dayMs), count: 'newNetworkDays', last: 'lastNewNetworkDay' }),
    ...countDay(before, { day, isToday: seen.networks.size > 1, count: 'togetherDays', last: 'lastTogetherDay' }),
    ...countDay(before, { day, isToday: seen.refused.requests >= refusedAtLeast, count: 'refusedDays', last: 'lastRefusedDay' }),
    hour,
    peaks: peaksBefore(before, seen.from),
  } as Habits // the counted members are named by the arguments
}

/** The running hour with what was seen added. */
export function hourAfter({ hour }: Pick<Habits, 'hour'>, { from, requests }: Pick<Observation, 'from' | 'requests'>): Habits['hour'] {
  const start = Math.floor(from / hourMs) * hourMs
  return { start, requests: (hour.start === start ? hour.requests : 0) + requests }
}

function firstHabits(since: number, day: number): Habits {
  return {
    since, lastAt: since, activeDays: 1, lastDay: day, networks: {}, newNetworkDays: 0, lastNewNetworkDay: -1, togetherDays: 0, lastTogetherDay: -1,
    refusedDays: 0, lastRefusedDay: -1, hour: { start: 0, requests: 0 }, peaks: [],
  }
}

type Count = 'newNetworkDays' | 'togetherDays' | 'refusedDays'
type Last = 'lastNewNetworkDay' | 'lastTogetherDay' | 'lastRefusedDay'

/** A day counts once. */
function countDay(before: Habits, { day, isToday, count, last }: { day: number; isToday: boolean; count: Count; last: Last }) {
  return isToday && before[last] !== day ? { [count]: before[count] + 1, [last]: day } : { [count]: before[count], [last]: before[last] }
}

function latest(networks: Record<string, number>): Record<string, number> {
  const all = Object.entries(networks)
  return all.length <= networksAtMost ? networks : Object.fromEntries(all.sort(([, one], [, other]) => other - one).slice(0, networksAtMost))
}

/** The busiest hours before that of a time: what runs must not be its own measure. */
export function peaksBefore({ peaks, hour: { start, requests } }: Habits, at: number): Habits['peaks'] {
  if (requests === 0 || start === Math.floor(at / hourMs) * hourMs) return peaks
  const day = Math.floor(start / dayMs)
  const [last] = peaks.slice(-1)
  if (last?.[0] === day) return [...peaks.slice(0, -1), [day, Math.max(last[1], requests)]]
  return [...peaks, [day, requests] as const].slice(-peakDays)
}
