import { Buckets, type NamedRate, type Seats } from './buckets.ts'
import { waitMs } from './gcra.ts'
import { stateOf } from './limit-answer.ts'
import type { LimitState, Taken, TakeRequest } from './take-tokens.ts'

/** Rate limits in the memory of this process, with a view on how much memory that is. */
export interface MemoryLimits {
  readonly takeTokens: (request: TakeRequest) => Taken
  /** Buckets held at the moment. */
  readonly size: () => number
}

/**
 * Rate limits for one node. Takes are synchronous, so that parallel requests cannot race.
 * Drained buckets are dropped (they say nothing) once they are unused for 10 s: at most twice as many are held as were
 * in use at the last sweep, and never more than `maxBuckets`; when they are all in use, the longest untouched tenth is
 * forgotten.
 * @param options.clock the time; a clock that steps backwards holds the limits, it does not open them
 * @param options.maxBuckets 1 or more; 1 million unless given
 */
export function memoryLimits(options: { readonly clock: () => Date; readonly maxBuckets?: number }): MemoryLimits {
  const { clock, maxBuckets = 1_000_000 } = options
  const buckets = new Buckets(maxBuckets)
  return { takeTokens, size: () => buckets.size }

  function takeTokens({ limits, cost, nowMs = clock().getTime(), holder }: TakeRequest): Taken {
    const seats = buckets.find(limits, { nowMs, holder })
    const { rates } = seats
    let longest: string | null = null
    let retryAfterMs = 0
    for (let i = 0; i < rates.length; i++) {
      const rate = rates[i] as NamedRate // i < length
      const level = buckets.drain(seats.slotOf(i), nowMs)
      const wait = cost > 0 ? waitMs(rate, level, cost) : 0
      if (wait > retryAfterMs) {
        longest = rate.name
        retryAfterMs = wait
      }
    }
    if (longest !== null) return { taken: false, limits: look(seats), limitName: longest, retryAfterMs }
    if (cost === 0) return { taken: true, limits: look(seats) }
    const states: LimitState[] = []
    for (let i = 0; i < rates.length; i++) states.push(stateOf(rates[i] as NamedRate, buckets.pour(seats, i, { cost, nowMs })))
    return { taken: true, limits: states }
  }

  function look(seats: Seats): LimitState[] {
    return seats.rates.map((rate, i) => stateOf(rate, buckets.levelAt(seats.slotOf(i))))
  }
}
