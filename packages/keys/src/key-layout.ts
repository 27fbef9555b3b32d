/** Where the parts of a key are: prefix _ mode _ id (26) secret (32) checksum (6). */
import { base32Values, base62, base62Values, outside, spell, valueAt, valueOf } from './alphabets.ts'
import { crc32Finish, crc32Start, crc32Step, crc32Update } from './crc32.ts'
import { isUuidV7At, keyIdSuffixLength } from './key-id.ts'
import { keyModes } from './key.ts'
import type { KeyMode } from './key.ts'
import { secretLength } from './secret.ts'

export const checksumLength = 6

/** Characters after the header, whatever the prefix. */
export const bodyLength = keyIdSuffixLength + secretLength + checksumLength

/** `ll_live_` and what is known of it beforehand. */
export type Header = { readonly mode: KeyMode; readonly text: string; readonly crcState: number }

/** The facts of one format, computed once. */
export type KeyLayout = {
  readonly prefix: string
  readonly headers: readonly Header[]
  readonly headerLength: number
  readonly tokenLength: number
}

export function createLayout(prefix: string): KeyLayout {
  const headers = keyModes.map((mode) => createHeader(prefix, mode))
  const headerLength = prefix.length + '_live_'.length
  return { prefix, headers, headerLength, tokenLength: headerLength + bodyLength }
}

/** The header that starts at `start`, or undefined. */
export function headerAt(layout: KeyLayout, text: string, start: number): Header | undefined {
  for (const header of layout.headers) if (text.startsWith(header.text, start)) return header
  return undefined
}

/**
 * True when a body with a right checksum starts at `start`. Every character is looked at once, and
 * what is outside its alphabet is collected instead of tested: this runs on every request.
 */
export function isBodyAt(header: Header, text: string, start: number): boolean {
  if (!isUuidV7At(text, start)) return false
  const secretStart = start + keyIdSuffixLength
  const checksumStart = secretStart + secretLength
  let crc = header.crcState
  let values = 0
  for (let index = start; index < secretStart; index++) {
    const code = text.charCodeAt(index)
    values |= valueOf(base32Values, code)
    crc = crc32Step(crc, code)
  }
  for (let index = secretStart; index < checksumStart; index++) {
    const code = text.charCodeAt(index)
    values |= valueOf(base62Values, code)
    crc = crc32Step(crc, code)
  }
  for (let index = checksumStart; index < checksumStart + checksumLength; index++) {
    values |= valueAt(base62Values, text, index)
  }
  return values < outside && readChecksum(text, checksumStart) === crc32Finish(crc)
}

/** The 6 characters that end a key whose characters so far are `text`. */
export function checksumOf(text: string): string {
  return spell(crc32Finish(crc32Update(crc32Start, text)), base62, checksumLength)
}

function createHeader(prefix: string, mode: KeyMode): Header {
  const text = `${prefix}_${mode}_`
  return { mode, text, crcState: crc32Update(crc32Start, text) }
}

/** Six characters reach past 2³², so every checksum has exactly one spelling. */
function readChecksum(text: string, start: number): number {
  return readThree(text, start) * 62 ** 3 + readThree(text, start + 3)
}

/** Small enough for integer arithmetic, which is several times faster here. */
function readThree(text: string, start: number): number {
  const high = valueAt(base62Values, text, start)
  const middle = valueAt(base62Values, text, start + 1)
  return (high * 62 + middle) * 62 + valueAt(base62Values, text, start + 2)
}
