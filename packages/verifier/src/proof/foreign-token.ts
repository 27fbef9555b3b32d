/** Tokens of other platforms, whose keys were imported: they name no key, so they are found by a digest. */
import type { AccessTokenId, KeyId } from '@letterlock/contract'
import type { KeyFormat, KeyMode, KeyToken } from '@letterlock/keys'
import { accessTokenFormat, accessTokenIdOf } from './access-token.ts'

/** Characters of a foreign token. */
export const foreignTokenLength = { min: 16, max: 512 } as const

/** The id that a change of imported keys as a whole has: foreign tokens that were refused may be keys now. */
export const foreignKeysId = 'foreign'

/** What foreign tokens begin with; null when that is not known. */
export type ForeignPrefixes = readonly string[] | null

/** A text that may be a key, and what it claims. */
export interface IdentifiedToken {
  readonly token: KeyToken
  /** Null for a foreign token, and for an access token, which says its own id. */
  readonly keyId: KeyId | null
  /** Of an access token alone. */
  readonly accessTokenId?: AccessTokenId
  /** The modes that it can be of; one, when it says which. A foreign token is never a root key. */
  readonly modes: readonly KeyMode[]
}

/**
 * What a text is worth a read for: a key of the format or an access token beside it, with a right checksum, or a foreign
 * token, which begins with one of the prefixes that were declared with an import. Null for everything else.
 */
export function identifyToken(text: string, keyFormat: Pick<KeyFormat, 'parse' | 'prefix'>, foreignPrefixes: ForeignPrefixes): IdentifiedToken | null {
  const parsed = keyFormat.parse(text)
  if (parsed.ok) return { token: parsed.token, keyId: parsed.keyId as string as KeyId, modes: [parsed.mode] } // one shape, two brands
  const access = accessTokenFormat(keyFormat.prefix)?.parse(text)
  if (access?.ok) return { token: access.token, keyId: null, accessTokenId: accessTokenIdOf(access), modes: [access.mode] }
  if (!mayBeForeign(text, foreignPrefixes) || !isForeignShape(text)) return null
  return { token: text as KeyToken, keyId: null, modes: foreignModes } // brand constructor
}

/** Whether a text begins and is as long as foreign tokens are; cheap enough for every request. */
export function mayBeForeign(text: string, foreignPrefixes: ForeignPrefixes): boolean {
  if (foreignPrefixes === null || text.length < foreignTokenLength.min || text.length > foreignTokenLength.max) return false
  for (const prefix of foreignPrefixes) if (text.startsWith(prefix)) return true
  return false
}

/** Whether a text could be a foreign token, were its prefix declared. */
export function isForeignShape(text: string): boolean {
  return text.length >= foreignTokenLength.min && text.length <= foreignTokenLength.max && tokenShape.test(text)
}

const foreignModes: readonly KeyMode[] = ['live', 'test']

/** What a Bearer token may consist of (RFC 6750 section 2.1). */
const tokenShape = /^[0-9A-Za-z._~+/-]+=*$/
