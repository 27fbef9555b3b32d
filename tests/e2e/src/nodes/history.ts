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
  /** Why this trial proves nothing, or shows a fault beside the lag. */
  readonly faults: readonly string[]
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
    faults: byNode.flatMap((probes, node) => faultsOf(probes, trial, rules).map((fault) => `node ${node + 1}: ${fault}`)),
  }
}

function faultsOf(probes: readonly Probe[], trial: Trial, rules: Rules): string[] {
  const faults: string[] = []
  const before = probes.filter(({ answeredAt }) => answeredAt < trial.changedAt)
  if (!before.some(({ status }) => status === rules.accepted)) faults.push('accepted nothing before the change')
  for (const { status, code } of before.filter((probe) => probe.status !== rules.accepted)) faults.push(`answered ${status} ${code} before the change`)
  const last = probes.at(-1)
  if (!last || last.sentAt < trial.answeredAt + rules.probedForMs) faults.push('was not asked long enough after the answer')
  if (last?.status !== rules.refused.status || last.code !== rules.refused.code) faults.push(`answered ${last?.status} ${last?.code} in the end`)
  const allowed = [rules.accepted, rules.refused.status]
  for (const { status, code } of probes.filter((probe) => !allowed.includes(probe.status))) faults.push(`answered ${status} ${code}`)
  return [...new Set(faults)]
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
