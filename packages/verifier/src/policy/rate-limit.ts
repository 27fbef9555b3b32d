import { parseRateLimit } from '@letterlock/contract'

/** A rate limit as people write it. */
export interface RateLimitText {
  /** 1 to 64 letters, digits, `_`, `-` or `.`; unique within a key. */
  readonly name: string
  /** `100/10s`: so many per period; units ms, s, m, h, d. */
  readonly limit: string
  /** How many may come at once; the count of the limit when absent. */
  readonly burst?: number
}

/** A rate limit ready to be applied. */
export interface NamedLimit extends RateLimitText {
  readonly count: number
  readonly periodMs: number
  readonly burst: number
  /** What the tokens are counted under: the owner, the name, and the rate, so that a changed rate starts afresh. */
  readonly bucket: string
}

/** Reads a rate limit of `owner` (a key id, say); null when it is none, or too large to be counted exactly. */
export function parseNamedLimit(owner: string, text: RateLimitText): NamedLimit | null {
  if (!/^[\w.-]{1,64}$/.test(text.name)) return null
  const limit = parseRateLimit(text.limit, text.burst)
  if (!limit || !isCountable(limit)) return null
  return { name: text.name, limit: text.limit, ...limit, bucket: `${owner}/${text.name}/${limit.count}/${limit.periodMs}` }
}

// levels are whole numbers up to burst * periodMs (see gcra.ts), which a double holds exactly below 2^53
function isCountable({ burst, periodMs }: { burst: number; periodMs: number }) {
  return Number.isInteger(burst) && burst >= 1 && burst * periodMs <= Number.MAX_SAFE_INTEGER
}
