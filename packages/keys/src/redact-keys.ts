/** Takes the secrets out of a key or a text, for logs and screens. */
import { base62Values, outside, valueAt } from './alphabets.ts'
import { findKeyAt } from './find-keys.ts'
import { keyIdSuffixLength } from './key-id.ts'
import { headerAt } from './key-layout.ts'
import type { KeyLayout } from './key-layout.ts'
import type { RedactedKey } from './key.ts'

const mask = '****'

/** Enough of the checksum to tell two secrets of one key apart; it gives away 24 of 190 bits. */
const shownEnd = 4

/**
 * `ll_live_<id>****<last 4>` of a well-formed key. Of any other text nothing but a header is kept,
 * because a slipped character would move secret characters to where the id is expected.
 */
export function redactKey(layout: KeyLayout, text: string): RedactedKey {
  const key = text.length === layout.tokenLength ? findKeyAt(layout, text, 0) : undefined
  if (key !== undefined) return redactToken(layout, key.token) as RedactedKey // brand constructor
  return ((headerAt(layout, text, 0)?.text ?? '') + mask) as RedactedKey // brand constructor
}

/**
 * The text with every key-shaped run redacted: well-formed keys as `redactKey` shows them, of any
 * other run longer than a header and an id (cut off, mistyped, with something stuck to it) only the
 * header. What it has redacted it leaves alone the next time.
 */
export function redactKeysIn(layout: KeyLayout, text: string): string {
  const stem = `${layout.prefix}_`
  let redacted = ''
  let copied = 0
  let start = text.indexOf(stem)
  while (start !== -1) {
    const run = findRunAt(layout, text, start)
    if (run !== undefined) {
      redacted += text.slice(copied, start) + run.shown
      copied = run.end
    }
    start = text.indexOf(stem, run?.end ?? start + 1)
  }
  return copied === 0 ? text : redacted + text.slice(copied)
}

function findRunAt(layout: KeyLayout, text: string, start: number): { end: number; shown: string } | undefined {
  const header = headerAt(layout, text, start)
  if (header === undefined) return undefined
  const key = findKeyAt(layout, text, start)
  if (key !== undefined) return { end: key.end, shown: redactToken(layout, key.token) }
  const bodyStart = start + layout.headerLength
  const end = endOfWord(text, bodyStart)
  return end - bodyStart > keyIdSuffixLength ? { end, shown: header.text + mask } : undefined
}

function redactToken(layout: KeyLayout, token: string): string {
  return token.slice(0, layout.headerLength + keyIdSuffixLength) + mask + token.slice(-shownEnd)
}

function endOfWord(text: string, start: number): number {
  let end = start
  while (valueAt(base62Values, text, end) < outside || text.charCodeAt(end) === 0x5f) end++
  return end
}
