/** Durations and rate limits are written as text: `250ms`, `15m`, `90d`; `100/10s`. */

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Milliseconds of a duration such as `90d`; null when the text is none, or too long to count. Units: ms, s, m, h, d. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text)
  if (!match) return null
  const ms = Number(match[1]) * unitMs[match[2] as keyof typeof unitMs] // the expression admits only these
  return Number.isSafeInteger(ms) ? ms : null
}

/** So many per period, evenly, with so many at once. */
export interface RateLimit {
  /** How many are allowed in a period; 1 or more. */
  readonly count: number
  readonly periodMs: number
  /** How many may come at the same instant; 1 or more. */
  readonly burst: number
}

/** Reads `100/10s`; burst is the count unless given. Null when text or burst make no rate limit. */
export function parseRateLimit(text: string, burst?: number): RateLimit | null {
  const match = /^(\d{1,9})\/(.+)$/.exec(text)
  const periodMs = match ? parseDuration(match[2] ?? '') : null
  const count = Number(match?.[1])
  if (!periodMs || !count || !isBurst(burst ?? count)) return null
  return { count, periodMs, burst: burst ?? count }
}

function isBurst(burst: number): boolean {
  return Number.isSafeInteger(burst) && burst >= 1
}
