// Whether a limit was kept, judged from outside. Pure.
import type { Probe } from './probes.ts'

export interface Limit {
  readonly burst: number
  readonly perSecond: number
}

export interface Excess {
  /** How many more than `burst + rate · t` were admitted in the worst window; not above 0 when the limit was kept. */
  readonly tokens: number
  readonly fromMs: number
  readonly toMs: number
}

/**
 * Looks at all windows for the one in which most was admitted beyond `burst + rate · t`. When a decision was taken is
 * not known, but it lies between request and answer: whatever was sent after the window began and answered before it
 * ended was decided within. So a finding is always true; what it overlooks is at most what can be decided within the
 * time an answer takes. `clockStepMs` is the grain of the clock that the decisions use: two moments it shows `t` apart
 * are really less than a grain nearer or further.
 */
export function worstWindow(probes: readonly Probe[], limit: Limit, clockStepMs: number): Excess {
  const admitted = probes.filter(({ status }) => status === 200)
  const byAnswer = admitted.toSorted((a, b) => a.answeredAt - b.answeredAt)
  let worst: Excess = { tokens: -Infinity, fromMs: NaN, toMs: NaN }
  for (const { sentAt: from } of admitted) {
    let count = 0
    for (const { sentAt, answeredAt: to } of byAnswer) {
      if (sentAt < from) continue
      count++
      const tokens = count - limit.burst - (limit.perSecond * (to - from + clockStepMs)) / 1_000
      if (tokens > worst.tokens) worst = { tokens, fromMs: from, toMs: to }
    }
  }
  return worst
}

/** Which part of what the limit allows was admitted, from the first request to the last. */
export function servedShare(probes: readonly Probe[], limit: Limit): number {
  const times = probes.map(({ sentAt }) => sentAt)
  const seconds = (Math.max(...times) - Math.min(...times)) / 1_000
  return probes.filter(({ status }) => status === 200).length / (limit.burst + limit.perSecond * seconds)
}
