/** When is a failed attempt repeated? Pure: time and randomness are parameters. */
import type { HeaderReader } from './header-reader.ts'

/** What one attempt ended with. */
export interface Failure {
  /** The HTTP status; null when no answer came. */
  readonly status: number | null
  readonly code: string
  /** What the server asked for; null when it asked for nothing. */
  readonly retryAfterMs: number | null
}

export interface RetryBounds {
  /** How many attempts were made, 1 or more. */
  readonly attempts: number
  readonly maxRetries: number
  readonly maxRetryAfterMs: number
  /** Milliseconds left for the whole call; Infinity without a deadline. */
  readonly remainingMs: number
  /** 0 to 1, not 1. */
  readonly random: number
}

const firstBackoffMs = 500
const longestBackoffMs = 8_000

/**
 * Milliseconds to wait before the next attempt; null to give up. Never earlier than the server asked for; jitter is
 * full and comes on top, so that clients refused together do not return together.
 */
export function retryDelayMs(failure: Failure, bounds: RetryBounds): number | null {
  if (bounds.attempts > bounds.maxRetries || !isRetryable(failure)) return null
  const askedMs = failure.retryAfterMs ?? 0
  if (askedMs > bounds.maxRetryAfterMs) return null
  const ceilingMs = Math.min(longestBackoffMs, firstBackoffMs * 2 ** (bounds.attempts - 1))
  const delayMs = askedMs + Math.floor(bounds.random * ceilingMs)
  return delayMs < bounds.remainingMs ? delayMs : null
}

function isRetryable({ status, code }: Failure): boolean {
  if (status === null) return code === 'connection_failed' || code === 'timeout'
  if (code === 'quota_exceeded') return false // a period of hours or days; trying again cannot help
  return status === 408 || status === 425 || status === 429 || status >= 500
}

/** Milliseconds asked for by `Retry-After` (seconds or a date) or `Retry-After-Ms`; null when neither is readable. */
export function readRetryAfterMs(headers: HeaderReader, nowMs: number): number | null {
  const ms = decimal(headers.get('retry-after-ms'))
  if (ms !== null) return ms
  const text = headers.get('retry-after')
  const seconds = decimal(text)
  if (seconds !== null) return seconds * 1_000
  const date = text && /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs)
}

function decimal(text: string | null): number | null {
  return text !== null && /^\d{1,12}(\.\d{1,9})?$/.test(text.trim()) ? Number(text) : null
}
