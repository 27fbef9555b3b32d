/** Finds keys inside any text, in one pass. */
import { headerAt, isBodyAt } from './key-layout.ts'
import type { KeyLayout } from './key-layout.ts'
import type { KeyToken } from './key.ts'
import { readKey } from './parse-key.ts'
import type { ParsedKey } from './parse-key.ts'

/** A well-formed key at `start` (inclusive) to `end` (exclusive) of a text, in UTF-16 units. */
export type FoundKey = Omit<ParsedKey, 'ok'> & { readonly start: number; readonly end: number }

/** Keys need no boundary around them: `\nll_live_…` in JSON and `%3Dll_live_…` in a URL are found. */
export function findKeysIn(layout: KeyLayout, text: string): FoundKey[] {
  const found: FoundKey[] = []
  const stem = `${layout.prefix}_`
  let start = text.indexOf(stem)
  while (start !== -1) {
    const key = findKeyAt(layout, text, start)
    if (key !== undefined) found.push(key)
    start = text.indexOf(stem, key?.end ?? start + 1)
  }
  return found
}

/** The well-formed key that starts at `start`, or undefined. */
export function findKeyAt(layout: KeyLayout, text: string, start: number): FoundKey | undefined {
  const header = headerAt(layout, text, start)
  if (header === undefined || !isBodyAt(header, text, start + layout.headerLength)) return undefined
  const end = start + layout.tokenLength
  const { token, mode, keyId, issuedAt } = readKey(header, text.slice(start, end) as KeyToken) // checked above
  return { start, end, token, mode, keyId, issuedAt }
}
