/** Reads the keys Letterlock issues, and issues none: for clients, which pay for each byte. */
import { createLayout } from './key-layout.ts'
import type { RedactedKey } from './key.ts'
import { parseKey, type ParseResult } from './parse-key.ts'
import { redactKey, redactKeysIn } from './redact-keys.ts'

const layout = /* @__PURE__ */ createLayout('ll')

/** As `letterlockKeys.parse`. */
export function parseLetterlockKey(text: string): ParseResult {
  return parseKey(layout, text)
}

/** As `letterlockKeys.redact`. */
export function redactLetterlockKey(text: string): RedactedKey {
  return redactKey(layout, text)
}

/** As `letterlockKeys.redactKeys`. */
export function redactLetterlockKeys(text: string): string {
  return redactKeysIn(layout, text)
}
