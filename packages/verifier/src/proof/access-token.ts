/**
 * Access tokens: short-lived stand-ins for a key, with a part of its scopes. They are written like keys under a prefix
 * of their own, `ll_at_live_…`, so they have a checksum, and whatever finds and redacts keys can find and redact them.
 */
import type { AccessTokenId } from '@letterlock/contract'
import { defineKeyFormat, type KeyFormat } from '@letterlock/keys'
import { remembered } from '../policy/remembered.ts'

/** A prefix has 16 characters at most, and that of the tokens three more than that of the keys. */
const longestPrefix = 13

/** The format of the access tokens of an installation; null when the prefix of its keys leaves no room for one. */
export const accessTokenFormat: (keyPrefix: string) => KeyFormat | null = remembered(
  (keyPrefix: string) => (keyPrefix.length > longestPrefix ? null : defineKeyFormat({ prefix: `${keyPrefix}_at` })), 100,
)

/** The id of an access token, `tok_…`, from what the format reads as the id of a key. */
export function accessTokenIdOf({ keyId }: { readonly keyId: string }): AccessTokenId {
  return `tok_${keyId.slice('key_'.length)}` as string as AccessTokenId // brand constructor: the same suffix
}
