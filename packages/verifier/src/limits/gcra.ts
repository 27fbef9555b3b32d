/**
 * The generic cell rate algorithm in its other, equal form (ITU-T I.371 annex A): a leaky bucket as a meter.
 * In a bucket of one limit each token is `periodMs` high and `count` drains away per millisecond, so that all
 * levels are whole numbers and nothing is lost to rounding. In every window of t ms it admits at most
 * `burst + count * t / periodMs`.
 */

/** A rate: `count` per `periodMs`, `burst` at once. */
export interface Rate {
  readonly count: number
  readonly periodMs: number
  readonly burst: number
}

/** How full a bucket was at a time; a bucket that was never used is empty. */
export interface Level {
  readonly level: number
  readonly atMs: number
}

/** The level at `nowMs`; a clock that went backwards drains nothing. */
export function drain(rate: Rate, bucket: Level, nowMs: number): Level {
  const elapsedMs = Math.max(0, nowMs - bucket.atMs)
  return { level: Math.max(0, bucket.level - rate.count * elapsedMs), atMs: bucket.atMs + elapsedMs }
}

/** Milliseconds until `cost` more tokens fit; 0: they fit now. Infinity when they never will. */
export function waitMs(rate: Rate, level: number, cost: number): number {
  const excess = level + (cost - rate.burst) * rate.periodMs
  if (excess <= 0) return 0
  return cost > rate.burst ? Infinity : Math.ceil(excess / rate.count)
}

/** How many single tokens fit now. */
export function remainingOf(rate: Rate, level: number): number {
  return Math.max(0, Math.floor((rate.burst * rate.periodMs - level) / rate.periodMs))
}

/** Milliseconds until the bucket is empty, that is until the whole burst fits again. */
export function resetMsOf(rate: Rate, level: number): number {
  return Math.ceil(level / rate.count)
}
