/** Key ids: a UUIDv7 (RFC 9562, section 5.7) as a TypeID suffix, 26 characters of Crockford base32. */
import { base32, base32Values, outside, spell, valueAt } from './alphabets.ts'
import type { RandomBytes } from './key.ts'
import { drawBytes } from './random-bytes.ts'

export const keyIdPrefix = 'key_'

export const keyIdSuffixLength = 26

/** UUIDv7 counts milliseconds in 48 bits: enough until the year 10889. */
const endOfTime = 2 ** 48

const timeLength = 10
const versionIndex = 10
const variantIndex = 13

/** True when a UUIDv7 suffix starts at `start`. */
export function isKeyIdSuffixAt(text: string, start: number): boolean {
  let values = 0
  for (let index = start; index < start + keyIdSuffixLength; index++) {
    values |= valueAt(base32Values, text, index)
  }
  return values < outside && isUuidV7At(text, start)
}

/** True when the 26 base32 characters at `start` are in range, of version 7 and of the RFC's variant. */
export function isUuidV7At(text: string, start: number): boolean {
  return (
    valueAt(base32Values, text, start) <= 7 && // 26 × 5 bits hold 128: two are always 0
    valueAt(base32Values, text, start + versionIndex) >> 1 === 0b0111 &&
    (valueAt(base32Values, text, start + variantIndex) & 0b01100) === 0b01000
  )
}

/** True for `key_` followed by a UUIDv7 suffix and nothing else. */
export function isKeyId(text: string): boolean {
  return (
    text.length === keyIdPrefix.length + keyIdSuffixLength &&
    text.startsWith(keyIdPrefix) &&
    isKeyIdSuffixAt(text, keyIdPrefix.length)
  )
}

/** Milliseconds since 1970 of the valid suffix that starts at `start`. */
export function timeOfSuffixAt(text: string, start: number): number {
  return readBits(text, start, 6) * 2 ** 20 + readBits(text, start + 6, 4)
}

/** A new suffix; suffixes of later milliseconds sort later. */
export function createKeyIdSuffix(now: number, randomBytes: RandomBytes): string {
  if (!(Number.isInteger(now) && now >= 0 && now < endOfTime)) {
    throw new RangeError(`now must be whole milliseconds since 1970, got ${now}`)
  }
  return spell(now, base32, timeLength) + randomCharacters(randomBytes)
}

function randomCharacters(randomBytes: RandomBytes): string {
  let characters = ''
  for (const byte of drawBytes(randomBytes, keyIdSuffixLength - timeLength)) {
    const index = timeLength + characters.length
    if (index === versionIndex) characters += base32.charAt(0b01110 | (byte & 0b00001))
    else if (index === variantIndex) characters += base32.charAt(0b01000 | (byte & 0b10011))
    else characters += base32.charAt(byte & 31)
  }
  return characters
}

/** The number of at most 30 bits that `length` base32 characters spell. */
function readBits(text: string, start: number, length: number): number {
  let bits = 0
  for (let index = start; index < start + length; index++) {
    bits = (bits << 5) | valueAt(base32Values, text, index)
  }
  return bits
}
