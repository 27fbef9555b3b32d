/** Reads a key and checks its form; runs on every request, so the good case is straight-line code. */
import { keyIdPrefix, keyIdSuffixLength, timeOfSuffixAt } from './key-id.ts'
import { headerAt, isBodyAt } from './key-layout.ts'
import type { Header, KeyLayout } from './key-layout.ts'
import type { KeyId, KeyMode, KeyToken } from './key.ts'
import { diagnoseKey } from './diagnose-key.ts'
import type { KeyFault } from './diagnose-key.ts'

/** A well-formed key. That it was ever issued, only a digest proves. */
export type ParsedKey = {
  readonly ok: true
  readonly token: KeyToken
  readonly mode: KeyMode
  readonly keyId: KeyId
  /** When the key id was made, in milliseconds since 1970. */
  readonly issuedAt: number
}

export type RefusedKey = { readonly ok: false; readonly code: KeyFault }

export type ParseResult = ParsedKey | RefusedKey

export function parseKey(layout: KeyLayout, text: string): ParseResult {
  if (typeof text !== 'string' || text.length !== layout.tokenLength) return refuse(layout, text)
  const header = headerAt(layout, text, 0)
  if (header === undefined || !isBodyAt(header, text, layout.headerLength)) return refuse(layout, text)
  return readKey(header, text as KeyToken) // checked above
}

/** The parts of a token that is known to be well-formed. */
export function readKey(header: Header, token: KeyToken): ParsedKey {
  const start = header.text.length
  return {
    ok: true,
    token,
    mode: header.mode,
    keyId: (keyIdPrefix + token.slice(start, start + keyIdSuffixLength)) as KeyId, // brand constructor
    issuedAt: timeOfSuffixAt(token, start),
  }
}

function refuse(layout: KeyLayout, text: string): RefusedKey {
  return { ok: false, code: diagnoseKey(layout, text) }
}
