/** Makes a new key. */
import { createKeyIdSuffix, isKeyId, keyIdPrefix } from './key-id.ts'
import { checksumOf } from './key-layout.ts'
import type { KeyLayout } from './key-layout.ts'
import { keyModes } from './key.ts'
import type { KeyId, KeyMode, KeyToken, RandomBytes } from './key.ts'
import { secureRandomBytes } from './random-bytes.ts'
import { createSecret } from './secret.ts'

/** What kind of key to make; everything but the mode has a default. */
export type IssueOptions = {
  readonly mode: KeyMode
  /** The id of an existing key, to give it another secret. Absent: a new id. */
  readonly keyId?: string
  /** Absent: `crypto.getRandomValues`. */
  readonly randomBytes?: RandomBytes
  /** The time of a new id, in whole milliseconds since 1970. Absent: the clock. */
  readonly now?: number
}

/** A new key; `token` is the secret to be shown once. */
export type IssuedKey = { readonly token: KeyToken; readonly keyId: KeyId; readonly mode: KeyMode }

export function issueKey(layout: KeyLayout, options: IssueOptions): IssuedKey {
  const { mode, randomBytes = secureRandomBytes } = options
  if (!keyModes.includes(mode)) throw new RangeError(`mode must be one of ${keyModes.join(', ')}`)
  const suffix = options.keyId === undefined ? createSuffix(options, randomBytes) : suffixOf(options.keyId)
  const unsummed = `${layout.prefix}_${mode}_${suffix}${createSecret(randomBytes)}`
  return {
    token: (unsummed + checksumOf(unsummed)) as KeyToken, // brand constructor
    keyId: (keyIdPrefix + suffix) as KeyId, // brand constructor
    mode,
  }
}

function createSuffix({ now }: IssueOptions, randomBytes: RandomBytes): string {
  // oxlint-disable-next-line letterlock/no-ambient-time -- the default of a parameter, as crypto is
  return createKeyIdSuffix(now ?? Date.now(), randomBytes)
}

function suffixOf(keyId: string): string {
  if (!isKeyId(keyId)) throw new RangeError('keyId must be key_ and 26 characters of a UUIDv7')
  return keyId.slice(keyIdPrefix.length)
}
