/** Keys of another platform: known by the SHA-256 of their tokens, which this platform may never have seen. */
import { digestKey } from './digest-key.ts'
import type { KeyDigest } from './digest-key.ts'
import type { Pepper } from './peppers.ts'

/** What is stored of a foreign token in place of its SHA-256. */
export type ForeignDigest = {
  readonly version: string
  /** 32 bytes: HMAC-SHA-256 (RFC 2104) of `sha256:` and the 64 hexadecimal digits. No token has a colon in it. */
  readonly digest: KeyDigest
  /** The digest as 64 hexadecimal digits, to be found by. */
  readonly lookup: string
}

/**
 * The digest of a foreign token under one pepper, made of its SHA-256 alone. Whoever reads it without the pepper can
 * neither guess a token nor compare it with the table that the key was imported from.
 * @param sha256 64 lowercase hexadecimal digits
 */
export function digestForeignKey(sha256: string, pepper: Pepper): ForeignDigest {
  const { version, digest } = digestKey(`sha256:${sha256}`, pepper)
  return { version, digest, lookup: Buffer.from(digest).toString('hex') }
}
