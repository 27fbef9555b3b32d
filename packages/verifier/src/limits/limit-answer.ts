import { type Level, type Rate, remainingOf, resetMsOf, waitMs } from './gcra.ts'
import type { NamedLimit } from '../policy/rate-limit.ts'
import type { LimitState, Taken } from './take-tokens.ts'

/**
 * What a store says that decided elsewhere: the levels after the take when it was `taken`, else those it found.
 * `levels` are in the order of `limits` and as many.
 */
export function answerOf(limits: readonly NamedLimit[], levels: readonly Level[], { taken, cost }: { taken: boolean; cost: number }): Taken {
  const states = limits.map((limit, i) => stateOf(limit, (levels[i] as Level).level))
  if (taken) return { taken, limits: states }
  let longest = { limitName: '', retryAfterMs: -1 }
  for (const [i, limit] of limits.entries()) {
    const retryAfterMs = waitMs(limit, (levels[i] as Level).level, cost)
    if (retryAfterMs > longest.retryAfterMs) longest = { limitName: limit.name, retryAfterMs }
  }
  return { taken, limits: states, ...longest }
}

/** How much of a limit is left at a level. */
export function stateOf(limit: Rate & { readonly name: string }, level: number): LimitState {
  const { name, count, periodMs, burst } = limit
  return { name, count, periodMs, burst, remaining: remainingOf(limit, level), resetMs: resetMsOf(limit, level) }
}
