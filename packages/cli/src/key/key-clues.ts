/** What can be known of a text without asking anyone: a key, a shortened one, the id of one, or neither. */
import type { KeyFault, KeyFormat, KeyMode } from '@letterlock/keys'

export type KeyClues = {
  /** How the text may be shown. */
  readonly shown: string
  readonly kind: 'key' | 'redacted_key' | 'key_id' | 'no_key'
  /** Of a whole key only. */
  readonly checksum?: 'right' | 'wrong'
  readonly fault?: KeyFault
  readonly mode?: KeyMode
  readonly keyId?: string
  /** Milliseconds since 1970. */
  readonly issuedAt?: number
}

const idShape = /[0-7][0-9a-hjkmnp-tv-z]{25}/

export function cluesOf(text: string, format: KeyFormat): KeyClues {
  const parsed = format.parse(text)
  if (parsed.ok) {
    const { mode, keyId, issuedAt, token } = parsed
    return { shown: format.redact(token), kind: 'key', checksum: 'right', mode, keyId, issuedAt }
  }
  if (parsed.code === 'key_id') return { shown: text, kind: 'key_id', ...idClues(text.slice('key_'.length)) }
  const redacted = new RegExp(`^${format.prefix}_(live|test|root)_(${idShape.source})\\*{4}[0-9A-Za-z]{4}$`).exec(text)
  if (redacted !== null) return { shown: text, kind: 'redacted_key', mode: redacted[1] as KeyMode, ...idClues(redacted[2] ?? '') }
  const checksum = parsed.code === 'bad_checksum' ? { checksum: 'wrong' as const } : {}
  return { shown: format.redact(text), kind: 'no_key', fault: parsed.code, ...checksum }
}

/** The first ten of the 26 characters count milliseconds (RFC 9562, section 5.7). */
function idClues(suffix: string): Pick<KeyClues, 'keyId' | 'issuedAt'> {
  const digits = '0123456789abcdefghjkmnpqrstvwxyz'
  const issuedAt = Array.from(suffix.slice(0, 10)).reduce((time, character) => time * 32 + digits.indexOf(character), 0)
  return { keyId: `key_${suffix}`, issuedAt }
}
