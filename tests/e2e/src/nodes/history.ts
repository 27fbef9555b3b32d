// What a change of policy did, judged afterwards from what was asked and answered. Pure.
import type { Probe } from './probes.ts'

/** One change and the requests around it. */
export interface Trial {
  readonly name: string
  /** When the call that changed something was sent. */
  readonly changedAt: number
  /** When its answer came: from then on the promise holds. */
  readonly answeredAt: number
  readonly probes: readonly Probe[]
  readonly nodes: number
}

export interface Verdict {
  readonly name: string
  /** How long after the answer the last request was sent that was accepted all the same; 0 when none was. */
  readonly lagMs: number
  /** The same from the moment the call was sent: however late we noticed the answer, the true lag is not more. */
  readonly lagFromCallMs: number
  /** As `lagMs`, for each node. */
  readonly lagByNode: readonly number[]
  /** Requests that were sent after the answer and accepted. */
  readonly wronglyAccepted: number
  /** The longest time in which a node was not asked, within the second after the answer. */
  readonly widestGapMs: number
  /** What must never be, beside the lag. */
  readonly faults: readonly string[]
  /** What makes the trial prove less than it should: a busy machine, a node that said 503. */
  readonly weaknesses: readonly string[]
}

export interface Rules {
  /** What an accepted request answers. */
  readonly accepted: number
  /** What must be answered in the end. */
  readonly refused: { readonly status: number; readonly code: string }
  /** Each node must have been asked for so long after the answer. */
  readonly probedForMs: number
}

/** Judges one trial. A request counts by the time it was sent. */
export function judge(trial: Trial, rules: Rules): Verdict {
  const byNode = Array.from({ length: trial.nodes }, (_, node) => trial.probes.filter((probe) => probe.node === node))
  const wrong = trial.probes.filter(({ status, sentAt }) => status === rules.accepted && sentAt > trial.answeredAt)
  const lagOf = (node: number) => Math.max(0, ...wrong.filter((probe) => probe.node === node).map(({ sentAt }) => sentAt - trial.answeredAt))
  const lagByNode = byNode.map((_, node) => lagOf(node))
  return {
    name: trial.name,
    lagMs: Math.max(...lagByNode),
    lagFromCallMs: Math.max(0, ...trial.probes.filter(({ status }) => status === rules.accepted).map(({ sentAt }) => sentAt - trial.changedAt)),
    lagByNode,
    wronglyAccepted: wrong.length,
    widestGapMs: Math.max(...byNode.map((probes) => widestGap(probes, trial.answeredAt, rules.probedForMs))),
    faults: ofEach(byNode, (probes) => faultsOf(probes, rules)),
    weaknesses: ofEach(byNode, (probes) => weaknessesOf(probes, trial, rules)),
  }
}

function ofEach(byNode: readonly (readonly Probe[])[], find: (probes: readonly Probe[]) => string[]): string[] {
  return byNode.flatMap((probes, node) => [...new Set(find(probes))].map((fault) => `node ${node + 1}: ${fault}`))
}

/** A key is accepted, refused for the right reason, or told to come again. */
function faultsOf(probes: readonly Probe[], { accepted, refused }: Rules): string[] {
  const isKnown = ({ status, code }: Probe) =>
    status === 0 || status === accepted || isOutage({ status, code }) || (status === refused.status && code === refused.code)
  return probes.filter((probe) => !isKnown(probe)).map(({ status, code }) => `answered ${status} ${code}`)
}

function weaknessesOf(probes: readonly Probe[], trial: Trial, { accepted, refused, probedForMs }: Rules): string[] {
  const before = probes.filter(({ answeredAt }) => answeredAt < trial.changedAt)
  const last = probes.at(-1)
  const unanswered = probes.filter(({ status }) => status === 0).length
  const outages = probes.filter(isOutage).length
  return [
    ...(before.some(({ status }) => status === accepted) ? [] : ['accepted nothing before the change']),
    ...(last && last.sentAt >= trial.answeredAt + probedForMs ? [] : ['was not asked long enough after the answer']),
    ...(last?.status === refused.status ? [] : [`did not refuse in the end but answered ${last?.status}`]),
    ...(unanswered === 0 ? [] : [`did not answer ${unanswered} requests`]),
    ...(outages === 0 ? [] : [`answered 503 ${outages} times`]),
  ]
}

/** The node says that it cannot know, which is never wrong, but not what a node in health says. */
export function isOutage({ status, code }: Pick<Probe, 'status' | 'code'>): boolean {
  return status === 503 && (code === 'unavailable' || code === 'not_fresh')
}

function widestGap(probes: readonly Probe[], from: number, forMs: number): number {
  const times = [from, ...probes.map(({ sentAt }) => sentAt).filter((at) => at > from && at < from + forMs), from + forMs]
  return Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? 0)))
}

/** The value below which the given part of all lies; NaN of none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN
}
