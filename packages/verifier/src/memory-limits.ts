import { drain, type Level, pour, type Rate, remainingOf, resetMsOf, waitMs } from './gcra.ts'
import type { NamedLimit } from './rate-limit.ts'
import type { LimitState, Taken, TakeTokens } from './take-tokens.ts'

type Bucket = Level & { readonly rate: Rate }

/** Rate limits in the memory of this process, with a view on how much memory that is. */
export interface MemoryLimits {
  readonly takeTokens: TakeTokens
  /** Buckets held at the moment. */
  readonly size: () => number
}

/**
 * Rate limits for one node. Takes are synchronous, so that parallel requests cannot race.
 * Drained buckets are dropped (they say nothing): at most twice as many are held as were in use at the last sweep,
 * and never more than `maxBuckets`; when they are all in use, the longest untouched tenth is forgotten.
 * @param options.clock the time; a clock that steps backwards holds the limits, it does not open them
 * @param options.maxBuckets 1 or more; 1 million unless given
 */
export function memoryLimits(options: { readonly clock: () => Date; readonly maxBuckets?: number }): MemoryLimits {
  const { clock, maxBuckets = 1_000_000 } = options
  const buckets = new Map<string, Bucket>() // in the order of their last touch
  let sweepAt = Math.min(maxBuckets, 1_024)
  return { takeTokens, size: () => buckets.size }

  function takeTokens({ limits, cost }: Parameters<TakeTokens>[0]): Taken {
    const nowMs = clock().getTime()
    const levels = limits.map((limit) => drain(limit, buckets.get(limit.bucket) ?? { level: 0, atMs: nowMs }, nowMs))
    const refusal = longestWait(limits, levels, cost)
    if (refusal) return { taken: false, limits: statesOf(limits, levels), ...refusal }
    const poured = levels.map((level, i) => pour(limits[i] as Rate, level, cost)) // same length by construction
    if (cost > 0) limits.forEach((limit, i) => put(limit, poured[i] as Level, nowMs))
    return { taken: true, limits: statesOf(limits, poured) }
  }

  function put(rate: NamedLimit, level: Level, nowMs: number) {
    buckets.delete(rate.bucket)
    if (buckets.size >= sweepAt) sweep(nowMs)
    buckets.set(rate.bucket, { ...level, rate })
  }

  function sweep(nowMs: number) {
    for (const [id, bucket] of buckets) {
      if (drain(bucket.rate, bucket, nowMs).level === 0) buckets.delete(id)
    }
    forgetOldest(buckets.size - Math.floor(maxBuckets * 0.9)) // room for a while, or each take would sweep
    sweepAt = Math.min(maxBuckets, Math.max(1_024, buckets.size * 2))
  }

  function forgetOldest(count: number) {
    let left = count
    for (const id of buckets.keys()) {
      if (left-- <= 0) return
      buckets.delete(id)
    }
  }
}

function longestWait(limits: readonly NamedLimit[], levels: readonly Level[], cost: number) {
  let longest: { limitName: string; retryAfterMs: number } | null = null
  for (const [i, limit] of limits.entries()) {
    const retryAfterMs = cost > 0 ? waitMs(limit, levels[i] as Level, cost) : 0 // same length by construction
    if (retryAfterMs > (longest?.retryAfterMs ?? 0)) longest = { limitName: limit.name, retryAfterMs }
  }
  return longest
}

function statesOf(limits: readonly NamedLimit[], levels: readonly Level[]): LimitState[] {
  return limits.map((limit, i) => {
    const level = levels[i] as Level // same length by construction
    const { name, count, periodMs, burst } = limit
    return { name, count, periodMs, burst, remaining: remainingOf(limit, level), resetMs: resetMsOf(limit, level) }
  })
}
