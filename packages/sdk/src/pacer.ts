/** Spreads requests over what is left of the limits, so that they are not refused. */
import type { HeaderReader } from './header-reader.ts'
import { readRateLimits } from './rate-limits.ts'

/** Paces the requests of one client. */
export interface Pacer {
  /** Takes the next slot; milliseconds until it begins. */
  take(now: number): number
  /** Learns what is left of the limits. */
  learn(headers: HeaderReader, now: number): void
}

/** While more than this share of a limit is left, requests go at once. */
const freeShare = 0.25

/**
 * Below a quarter of a limit, requests are spaced so that what is left lasts until the reset; with nothing left they
 * wait for it. Concurrent requests get slots one after another.
 */
export function pacer(): Pacer {
  let nextAt = 0
  let gapMs = 0
  return {
    take(now) {
      const at = Math.max(now, nextAt)
      nextAt = at + gapMs
      return at - now
    },
    learn(headers, now) {
      const waits = readRateLimits(headers).map(({ remaining, limit = remaining, resetSeconds = 0 }) => {
        if (remaining === 0) return { gapMs: resetSeconds * 1_000, emptyMs: resetSeconds * 1_000 }
        return { gapMs: remaining < limit * freeShare ? (resetSeconds * 1_000) / remaining : 0, emptyMs: 0 }
      })
      gapMs = Math.max(0, ...waits.map((wait) => (wait.emptyMs > 0 ? 0 : wait.gapMs)))
      nextAt = Math.max(nextAt, now + Math.max(0, ...waits.map((wait) => wait.emptyMs)))
    },
  }
}

/** For a client that does not pace. */
export const noPacer: Pacer = { take: () => 0, learn: () => {} }
