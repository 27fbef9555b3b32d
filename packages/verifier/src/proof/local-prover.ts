import type { AccessTokenId, KeyId } from '@letterlock/contract'
import type { KeyToken } from '@letterlock/keys'
import { digestKey, type KeyDigest, type Peppers } from '@letterlock/keys/digest'
import type { ProvenKey } from '../policy/ask.ts'
import type { Proof, ProveToken, ReadAccessToken, ReadKey, StoredKey } from '../ports.ts'
import { type ImportDue, proveForeignToken, type ReadForeignKey } from './foreign-prover.ts'
import { proveSecret, type SecretVersion } from './prove-secret.ts'

/** What proves tokens where the digests are at hand. */
export interface LocalProverPorts {
  readonly readKey: ReadKey
  /** Absent: no keys were imported from elsewhere. */
  readonly readForeignKey?: ReadForeignKey
  /** Absent: there are no access tokens; what looks like one is wrong. */
  readonly readAccessToken?: ReadAccessToken
  readonly peppers: Peppers
  /** Told when a stored secret cannot be examined because its pepper is not configured; it counts as wrong. */
  readonly onUnknownPepper?: (fault: { keyId: KeyId; pepperVersion: string }) => void
  /** Told when a proven secret is stored under an older pepper; the digest is what to store instead. Must not wait. */
  readonly onOldPepper?: (found: OldPepper) => void
  /** Told when the proven secret of an imported key is stored as it was imported, or under an older pepper. Must not wait. */
  readonly onImportDue?: (due: ImportDue) => void
}

/** A stored secret that is due to move to the newest pepper. */
export interface OldPepper {
  readonly keyId: KeyId
  readonly secretVersion: number
  readonly oldPepperVersion: string
  readonly newPepperVersion: string
  readonly digest: KeyDigest
}

/**
 * Proves tokens by one read, an HMAC for every pepper, and comparisons in constant time. An unknown id and a wrong
 * secret cost the same; the record is looked at only once the secret is proven.
 */
export function localProver(ports: LocalProverPorts): ProveToken {
  return async ({ token, keyId, accessTokenId }) => {
    if (accessTokenId !== undefined) return proveAccessToken(ports, { token, accessTokenId })
    if (keyId === null) return proveForeign(ports, token)
    const { revision, stored } = await ports.readKey(keyId)
    const secret = proveSecret(token, stored?.secrets ?? [], {
      peppers: ports.peppers,
      onUnknownPepper: (pepperVersion) => ports.onUnknownPepper?.({ keyId, pepperVersion }),
    })
    if (!stored || !secret) return { revision, key: null }
    if (secret.pepperVersion !== ports.peppers[0].version) reportOldPepper(ports, { token, keyId, secret })
    return { revision, key: provenKey(stored, secret) }
  }
}

/** As a key, of the one secret that the token is. It lives too short to be moved to another pepper. */
async function proveAccessToken(
  { readAccessToken, readKey, peppers }: LocalProverPorts, { token, accessTokenId }: { token: KeyToken; accessTokenId: AccessTokenId },
): Promise<Proof> {
  const read = readAccessToken ?? ((id) => readKey(id as string as KeyId)) // where no token is, no id is known
  const { revision, stored } = await read(accessTokenId)
  const secret = proveSecret(token, stored?.secrets ?? [], { peppers })
  return { revision, key: stored && secret && provenKey(stored, secret) }
}

async function proveForeign({ readForeignKey, peppers, onImportDue }: LocalProverPorts, token: KeyToken): Promise<Proof> {
  if (!readForeignKey) throw new Error('A foreign token came, and the prover has no readForeignKey.')
  const { revision, stored, secret } = await proveForeignToken(token, { readForeignKey, peppers, onImportDue })
  return { revision, key: stored && secret && provenKey(stored, secret) }
}

function reportOldPepper({ peppers, onOldPepper }: LocalProverPorts, found: { token: KeyToken; keyId: KeyId; secret: SecretVersion }) {
  const { version: newPepperVersion, digest } = digestKey(found.token, peppers[0])
  const { version: secretVersion, pepperVersion: oldPepperVersion } = found.secret
  onOldPepper?.({ keyId: found.keyId, secretVersion, oldPepperVersion, newPepperVersion, digest })
}

function provenKey({ record, secrets }: StoredKey, secret: SecretVersion): ProvenKey {
  const superseded = secrets.some(({ version }) => version > secret.version)
  return { record, secretVersion: secret.version, superseded, secretRetiresAt: secret.retiresAt }
}
