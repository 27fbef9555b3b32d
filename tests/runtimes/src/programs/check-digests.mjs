// The door ./digest, on runtimes that have node:crypto.
import { definePeppers, digestKey, matchDigest } from '@letterlock/keys/digest'
import vectors from '@letterlock/keys/vectors/digest.json' with { type: 'json' }

/** How many digests were looked at, and what failed. */
export function checkDigests() {
  const failures = vectors.vectors.flatMap((vector) => {
    const token = `${vector.prefix}_${vector.mode}_${vector.keyIdSuffix}${vector.secret}${vector.checksum}`
    const peppers = definePeppers([{ version: vector.pepperVersion, secret: bytesOf(vector.pepperHex) }])
    const stored = digestKey(token, peppers[0])
    const right = hexOf(stored.digest) === vector.digestHex && matchDigest(token, stored, peppers) === 'match'
    return right ? [] : [vector.name]
  })
  return { checked: vectors.vectors.length, failures }
}

/** @param {string} hex */
function bytesOf(hex) {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16))
}

/** @param {Uint8Array} bytes */
function hexOf(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
