/** Reads `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11). */
import type { HeaderReader } from './header-reader.ts'

/** How much of one limit is left. */
export interface RateLimitState {
  /** Such as `default`. */
  readonly name: string
  /** How many requests are left. */
  readonly remaining: number
  /** Seconds until more are allowed; absent when the server does not say. */
  readonly resetSeconds?: number
  /** How many requests are allowed within `windowSeconds`. */
  readonly limit?: number
  readonly windowSeconds?: number
}

/** The limits of an answer, in its order; empty when it names none. */
export function readRateLimits(headers: HeaderReader): readonly RateLimitState[] {
  const policies = new Map(items(headers.get('ratelimit-policy')).map((item) => [item.name, item]))
  return items(headers.get('ratelimit')).flatMap(({ name, r, t }) => {
    if (r === undefined) return []
    const { q, w } = policies.get(name) ?? {}
    return [{
      name, remaining: r,
      ...(t !== undefined && { resetSeconds: t }), ...(q !== undefined && { limit: q }), ...(w !== undefined && { windowSeconds: w }),
    }]
  })
}

interface Item {
  readonly name: string
  readonly q?: number
  readonly w?: number
  readonly r?: number
  readonly t?: number
}

/** A list of strings with integer parameters (RFC 9651); what is neither is left out. */
function items(text: string | null): Item[] {
  return [...(text ?? '').matchAll(/"([^"\\]{1,100})"((?:;\s*[a-z]+=[^;,]+)*)/g)].map(([, name = '', parameters = '']) => ({
    name,
    ...Object.fromEntries([...parameters.matchAll(/;\s*([qwrt])=(\d{1,12})(?![^;,\s])/g)].map(([, key, value]) => [key, Number(value)])),
  }))
}
