import type { KeyId } from '@letterlock/contract'
import type { KeyFormat, KeyMode, KeyToken } from '@letterlock/keys'
import { digestKey, type Peppers } from '@letterlock/keys/digest'

/** A new key: the token is shown once, the digest is stored. */
export interface IssuedSecret {
  readonly keyId: KeyId
  readonly token: KeyToken
  readonly secret: { readonly digest: Uint8Array; readonly pepperVersion: string }
}

interface IssueDeps {
  readonly keyFormat: KeyFormat
  readonly peppers: Peppers
}

/** Makes a new key id with its first secret, digested under the newest pepper. */
export function issueSecret(deps: IssueDeps, mode: KeyMode, now: Date): IssuedSecret {
  return issued(deps, { mode, now: now.getTime() })
}

/** Makes a further secret of a key; its token carries the same id. */
export function issueFurtherSecret(deps: IssueDeps, { id, mode }: { readonly id: KeyId; readonly mode: KeyMode }): IssuedSecret {
  return issued(deps, { mode, keyId: id })
}

function issued({ keyFormat, peppers }: IssueDeps, options: Parameters<KeyFormat['issue']>[0]): IssuedSecret {
  const { token, keyId } = keyFormat.issue(options)
  const { version, digest } = digestKey(token, peppers[0])
  return { token, keyId: keyId as string as KeyId, secret: { digest, pepperVersion: version } } // one shape, two brands
}
