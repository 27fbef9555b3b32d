import type { KeyToken } from '@letterlock/keys'
import { digestEquals, digestKey, type KeyDigest, type Peppers } from '@letterlock/keys/digest'

/** One issued secret of a key, as stored. */
export interface SecretVersion {
  /** 1 is the first. */
  readonly version: number
  /** 32 bytes, see `digestKey` of `@letterlock/keys/digest`. */
  readonly digest: Uint8Array
  readonly pepperVersion: string
  /** Null: not planned. */
  readonly retiresAt: Date | null
}

/**
 * The version whose secret the token carries, or null. The work depends on how many versions and peppers there are,
 * never on which of them fits; without any version it is that of one.
 * @param options.onUnknownPepper told when a version cannot be examined because its pepper is not configured
 */
export function proveSecret(
  token: KeyToken,
  versions: readonly SecretVersion[],
  options: { readonly peppers: Peppers; readonly onUnknownPepper?: ((pepperVersion: string) => void) | undefined },
): SecretVersion | null {
  const { peppers, onUnknownPepper } = options
  const digests = new Map<string, KeyDigest>()
  let proven: SecretVersion | null = null
  for (const candidate of versions.length > 0 ? versions : [nobody(peppers)]) {
    const known = peppers.find(({ version }) => version === candidate.pepperVersion)
    if (!known) onUnknownPepper?.(candidate.pepperVersion)
    const pepper = known ?? peppers[0]
    const digest = digests.get(pepper.version) ?? digestKey(token, pepper).digest
    digests.set(pepper.version, digest)
    const isEqual = digestEquals(digest, candidate.digest)
    if (isEqual && candidate.version > 0) proven = candidate
  }
  return proven
}

const noDigest = new Uint8Array(32)

/** Stands in where nothing is stored; its version 0 can never be proven. */
function nobody(peppers: Peppers): SecretVersion {
  return { version: 0, digest: noDigest, pepperVersion: peppers[0].version, retiresAt: null }
}
