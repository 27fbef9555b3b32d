import { hash } from 'node:crypto'
import type { KeyId } from '@letterlock/contract'
import type { KeyToken } from '@letterlock/keys'
import { digestForeignKey, digestEquals, digestKey, type ForeignDigest, type KeyDigest, type Peppers } from '@letterlock/keys/digest'
import type { KeyRead } from '../ports.ts'
import { proveSecret, type SecretVersion } from './prove-secret.ts'

/** Port: the one indexed read of a foreign token, by its lookups. It ends within a deadline of its own. */
export type ReadForeignKey = (lookups: readonly string[]) => Promise<KeyRead>

/** What proves foreign tokens. */
export interface ForeignProverPorts {
  readonly readForeignKey: ReadForeignKey
  readonly peppers: Peppers
  /** Told when a proven secret is stored as it was imported, or under an older pepper. Must not wait. */
  readonly onImportDue?: ((due: ImportDue) => void) | undefined
}

/** The secret of an imported key that is due to be stored as one of our own. */
export interface ImportDue {
  readonly keyId: KeyId
  readonly secretVersion: number
  readonly oldDigest: Uint8Array
  /** Of the token itself. */
  readonly digest: KeyDigest
  readonly lookup: string
  readonly pepperVersion: string
}

/** Which of the secrets that were read a foreign token is; null when it is none. */
export interface ForeignProof extends KeyRead {
  readonly secret: SecretVersion | null
}

/**
 * Proves a foreign token by one read. Its key is found by what an import knows, the SHA-256, under every pepper; it is
 * proven by the digest of the token itself, or until its first use by that of the SHA-256. Both are made and compared
 * in any case, so an unknown token costs what a known one does.
 */
export async function proveForeignToken(token: KeyToken, ports: ForeignProverPorts): Promise<ForeignProof> {
  const { readForeignKey, peppers, onImportDue } = ports
  const sha256 = hash('sha256', token)
  const digests = peppers.map((pepper) => digestForeignKey(sha256, pepper))
  const { revision, stored } = await readForeignKey(digests.map(({ lookup }) => lookup))
  const secrets = stored?.secrets ?? []
  const upgraded = proveSecret(token, secrets, { peppers })
  const secret = upgraded ?? importedSecret(secrets, digests)
  const newest = peppers[0].version
  if (stored && secret && (!upgraded || secret.pepperVersion !== newest)) {
    const { version: secretVersion, digest: oldDigest } = secret
    const { digest } = digestKey(token, peppers[0])
    const [{ lookup }] = digests as [ForeignDigest] // one for each pepper
    onImportDue?.({ keyId: stored.record.keyId, secretVersion, oldDigest, digest, lookup, pepperVersion: newest })
  }
  return { revision, stored, secret }
}

/** The version that is stored as it was imported. */
function importedSecret(secrets: readonly SecretVersion[], digests: readonly ForeignDigest[]): SecretVersion | null {
  return secrets.find(({ pepperVersion, digest }) => digests.some((made) => made.version === pepperVersion && digestEquals(made.digest, digest))) ?? null
}
