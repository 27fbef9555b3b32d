/**
 * Browsers may use access tokens and never keys: whoever opens a page could read the key in it. The CORS protocol of the
 * Fetch standard (§3.2) is what says so to them.
 */
import type { KeyFormat } from '@letterlock/keys'
import { accessTokenFormat, bearerToken } from '@letterlock/verifier'

/** The answer to the question that a browser asks before a request with these headers; it is the same for every page. */
export function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'authorization, content-type, idempotency-key, letterlock-min-revision',
      'access-control-max-age': '7200',
    },
  })
}

/** The key that a page sent, which everybody who opens the page can read; null when there is none. */
export function keyOfPage(authorization: string | undefined, keyFormat: Pick<KeyFormat, 'parse'>): string | null {
  const key = bearerToken(authorization)
  return key !== null && keyFormat.parse(key).ok ? key : null
}

/** Whether a page may read the answer: not when it sent what could be a key. */
export function isReadableByPage(authorization: string | undefined, { prefix }: Pick<KeyFormat, 'prefix'>): boolean {
  const token = bearerToken(authorization)
  return token === null || accessTokenFormat(prefix)?.parse(token).ok === true
}

/** Beside every answer that a page may read. No cookie is ever looked at, so the page may be any. */
export const readable = { 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' } as const
