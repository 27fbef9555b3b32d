/** What is stored of a key: HMAC-SHA-256 (RFC 2104) of the whole token under a pepper. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Pepper, Peppers } from './peppers.ts'

declare const brand: unique symbol

/** 32 bytes that a token can be checked against and not be recovered from. */
export type KeyDigest = Uint8Array & { readonly [brand]: 'KeyDigest' }

/** A digest and the version of the pepper that made it. */
export type StoredDigest = { readonly version: string; readonly digest: Uint8Array }

/**
 * `match_old_pepper`: right, and due to be stored again under the newest pepper.
 * `unknown_pepper`: cannot be told, the pepper of that version is not configured.
 */
export type DigestMatch = 'match' | 'match_old_pepper' | 'mismatch' | 'unknown_pepper'

/** Stands in where nothing is stored, so that a miss costs what a hit costs. */
const noDigest = new Uint8Array(32)

/** The digest of a token under one pepper; new ones are made with `peppers[0]`. */
export function digestKey(token: string, pepper: Pepper): { version: string; digest: KeyDigest } {
  const digest = createHmac('sha256', pepper.key).update(token, 'utf8').digest()
  return { version: pepper.version, digest: digest as Uint8Array as KeyDigest } // brand constructor
}

/** Compares in a time that depends on the lengths alone; other lengths are not equal. */
export function digestEquals(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/**
 * Whether a token is the one a digest was made of. Computes one HMAC and one comparison whatever
 * comes out; pass undefined for `stored` when there is no record, to answer as slowly.
 *
 * @example
 * matchDigest(token, { version: row.pepperVersion, digest: row.digest }, peppers)
 */
export function matchDigest(token: string, stored: StoredDigest | undefined, peppers: Peppers): DigestMatch {
  const pepper = peppers.find(({ version }) => version === stored?.version)
  const { digest } = digestKey(token, pepper ?? peppers[0])
  const equal = digestEquals(digest, stored?.digest ?? noDigest)
  if (stored === undefined) return 'mismatch'
  if (pepper === undefined) return 'unknown_pepper'
  if (!equal) return 'mismatch'
  return pepper === peppers[0] ? 'match' : 'match_old_pepper'
}
