import { type Level, type Rate, waitMs } from './gcra.ts'
import { stateOf } from './limit-answer.ts'
import type { NamedLimit } from './rate-limit.ts'
import type { LimitState, Taken, TakeTokens } from './take-tokens.ts'

/** A level that is changed in place. */
interface Bucket extends Level {
  level: number
  atMs: number
  readonly rate: Rate
  /** The number of the last take from it. */
  lastTake: number
}

/** Rate limits in the memory of this process, with a view on how much memory that is. */
export interface MemoryLimits {
  readonly takeTokens: (request: Parameters<TakeTokens>[0]) => Taken
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
  const buckets = new Map<string, Bucket>()
  let sweepAt = Math.min(maxBuckets, 1_024)
  let takes = 0
  return { takeTokens, size: () => buckets.size }

  function takeTokens({ limits, cost }: Parameters<TakeTokens>[0]): Taken {
    const nowMs = clock().getTime()
    if (buckets.size + limits.length > sweepAt) sweep(nowMs, limits.length)
    let longest: NamedLimit | null = null
    let retryAfterMs = 0
    for (const limit of limits) {
      const bucket = buckets.get(limit.bucket)
      if (bucket) drainTo(bucket, nowMs)
      const wait = cost > 0 ? waitMs(limit, bucket ?? empty, cost) : 0
      if (wait > retryAfterMs) {
        longest = limit
        retryAfterMs = wait
      }
    }
    if (longest) return { taken: false, limits: limits.map(look), limitName: longest.name, retryAfterMs }
    return { taken: true, limits: cost > 0 ? limits.map((limit) => pourInto(limit, cost, nowMs)) : limits.map(look) }
  }

  function look(limit: NamedLimit): LimitState {
    return stateOf(limit, buckets.get(limit.bucket) ?? empty)
  }

  function pourInto(limit: NamedLimit, cost: number, nowMs: number): LimitState {
    let bucket = buckets.get(limit.bucket)
    if (!bucket) {
      bucket = { level: 0, atMs: nowMs, rate: limit, lastTake: 0 }
      buckets.set(limit.bucket, bucket)
    }
    bucket.level += cost * limit.periodMs
    bucket.lastTake = ++takes
    return stateOf(limit, bucket)
  }

  /** Makes room for `count` more, and then some, or each take would sweep. */
  function sweep(nowMs: number, count: number) {
    for (const [id, bucket] of buckets) {
      drainTo(bucket, nowMs)
      if (bucket.level === 0) buckets.delete(id)
    }
    forgetOldest(buckets.size - Math.max(0, Math.min(Math.floor(maxBuckets * 0.9), maxBuckets - count)))
    sweepAt = Math.min(maxBuckets, Math.max(1_024, buckets.size * 2))
  }

  function forgetOldest(count: number) {
    if (count <= 0) return
    const lastTakes = Float64Array.from(buckets.values(), ({ lastTake }) => lastTake).sort()
    const newestForgotten = lastTakes[count - 1] ?? 0
    for (const [id, { lastTake }] of buckets) if (lastTake <= newestForgotten) buckets.delete(id)
  }
}

/** What a bucket that is not held is like. */
const empty: Level = { level: 0, atMs: 0 }

/** `drain` of gcra.ts, in place. */
function drainTo(bucket: Bucket, nowMs: number): void {
  const elapsedMs = nowMs - bucket.atMs
  if (elapsedMs <= 0) return
  bucket.level = Math.max(0, bucket.level - bucket.rate.count * elapsedMs)
  bucket.atMs = nowMs
}
