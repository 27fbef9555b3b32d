/** The secret of a key: base62 characters, each equally likely. */
import { base62 } from './alphabets.ts'
import type { RandomBytes } from './key.ts'
import { brokenSource, drawBytes } from './random-bytes.ts'

/** 32 characters of 62: 190 bits. */
export const secretLength = 32

/** 4 × 62: bytes from here on would make the first characters likelier, so they are thrown away. */
const firstBiasedByte = 248

/** Bytes asked for at once: fewer than 32 usable ones among 48 happen once in 10¹³. */
const drawLength = 48

/** A source whose bytes are refused this often is broken, not unlucky. */
const maxDraws = 64

/** A new secret, by rejection sampling. */
export function createSecret(randomBytes: RandomBytes): string {
  let secret = ''
  for (let draw = 0; draw < maxDraws; draw++) {
    for (const byte of drawBytes(randomBytes, drawLength)) {
      if (byte >= firstBiasedByte) continue
      secret += base62.charAt(byte % 62)
      if (secret.length === secretLength) return secret
    }
  }
  throw brokenSource()
}
