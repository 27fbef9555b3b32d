import type { KeyToken } from '@letterlock/keys'
import { digestEquals, digestKey, type Peppers } from '@letterlock/keys/digest'

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

/** So many comparisons are made at least, because how many there are would tell an existing key from an unknown one. */
const minComparisons = 20

/**
 * The version whose secret the token carries, or null. The work is an HMAC for each pepper and 20 comparisons, however
 * many versions there are (up to 20) and whichever of them fits.
 * @param options.onUnknownPepper told when a version cannot be examined because its pepper is not configured
 */
export function proveSecret(
  token: KeyToken,
  versions: readonly SecretVersion[],
  options: { readonly peppers: Peppers; readonly onUnknownPepper?: ((pepperVersion: string) => void) | undefined },
): SecretVersion | null {
  const digests = options.peppers.map((pepper) => digestKey(token, pepper))
  let proven: SecretVersion | null = null
  for (let index = 0; index < Math.max(versions.length, minComparisons); index++) {
    const candidate = versions[index]
    const made = digests.find(({ version }) => version === candidate?.pepperVersion)
    if (candidate && !made) options.onUnknownPepper?.(candidate.pepperVersion)
    const isEqual = digestEquals((made ?? digests[0])?.digest ?? noDigest, candidate?.digest ?? noDigest)
    if (isEqual && made && candidate) proven = candidate
  }
  return proven
}

/** Stands in where nothing is stored. */
const noDigest = new Uint8Array(32)
