/** Names what is wrong with a text that is no key, so that its owner can be told. */
import { isKeyId, isKeyIdSuffixAt } from './key-id.ts'
import { headerAt } from './key-layout.ts'
import type { KeyLayout } from './key-layout.ts'

/** Why a text is no key, most telling reason first. */
export type KeyFault =
  /** Nothing there: an unset variable. */
  | 'empty'
  /** `undefined`, `null`, `[object Promise]`, `$LETTERLOCK_API_KEY`, `<your key>`. */
  | 'placeholder'
  /** `Bearer` is still in front. */
  | 'has_scheme'
  /** Quotes around it, as some readers of .env files leave them. */
  | 'quoted'
  /** A line end, a blank, or an invisible character somewhere. */
  | 'whitespace'
  /** The id of a key (`key_…`), not the key. */
  | 'key_id'
  /** Copied from where it was shown shortened. */
  | 'redacted'
  /** Another product's key. */
  | 'wrong_prefix'
  /** Neither live, test nor root. */
  | 'wrong_mode'
  /** Cut off while copying. */
  | 'too_short'
  /** Something is stuck to it. */
  | 'too_long'
  /** A character outside 0-9, A-Z, a-z. */
  | 'bad_character'
  /** The id inside is no UUIDv7. */
  | 'bad_key_id'
  /** A character was changed, swapped or mistyped. */
  | 'bad_checksum'

const placeholder = /^(undefined|null|nan)$|^(\[object|[$<{%])/i
const scheme = /^(authorization\s*:|(bearer|basic|token)\s)/i
const quoted = /^["'`\u2018-\u201f\u00ab]|["'`\u2018-\u201f\u00bb]$/
const blank = /[\s\p{Cc}\p{Cf}]/u
const shortened = /[*\u2022\u2026]|\.\.\./

/** The fault of a text that is not a key of the layout; cost grows linearly with its length. */
export function diagnoseKey(layout: KeyLayout, text: unknown): KeyFault {
  if (typeof text !== 'string' || text === '') return 'empty'
  const trimmed = text.trim()
  if (placeholder.test(trimmed)) return 'placeholder'
  if (scheme.test(trimmed)) return 'has_scheme'
  if (quoted.test(trimmed)) return 'quoted'
  if (blank.test(text)) return 'whitespace'
  if (isKeyId(text)) return 'key_id'
  if (shortened.test(text)) return 'redacted'
  return diagnoseForm(layout, text)
}

function diagnoseForm(layout: KeyLayout, text: string): KeyFault {
  if (!text.startsWith(`${layout.prefix}_`)) return 'wrong_prefix'
  if (headerAt(layout, text, 0) === undefined) return 'wrong_mode'
  if (text.length < layout.tokenLength) return 'too_short'
  if (text.length > layout.tokenLength) return 'too_long'
  if (/\W|_/.test(text.slice(layout.headerLength))) return 'bad_character'
  return isKeyIdSuffixAt(text, layout.headerLength) ? 'bad_checksum' : 'bad_key_id'
}
