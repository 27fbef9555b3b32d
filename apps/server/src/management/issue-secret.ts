import type { KeyId } from '@letterlock/contract'
import type { KeyFormat, KeyMode, KeyToken } from '@letterlock/keys'
import { digestKey, type Peppers } from '@letterlock/keys/digest'

/** A new key: the token is shown once, the digest is stored. */
export interface IssuedSecret {
  readonly keyId: KeyId
  readonly token: KeyToken
  readonly secret: { readonly digest: Uint8Array; readonly pepperVersion: string }
}

/** Makes a new key id with its first secret, digested under the newest pepper. */
export function issueSecret(
  deps: { readonly keyFormat: KeyFormat; readonly peppers: Peppers }, mode: KeyMode, now: Date,
): IssuedSecret {
  const { token, keyId } = deps.keyFormat.issue({ mode, now: now.getTime() })
  const { version, digest } = digestKey(token, deps.peppers[0])
  return { token, keyId: keyId as string as KeyId, secret: { digest, pepperVersion: version } } // one shape, two brands
}
