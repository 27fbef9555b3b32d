/** Random bytes come from a parameter; what it gives is looked at before it is used. */
import type { RandomBytes } from './key.ts'

/** The random source of every runtime. */
export function secureRandomBytes(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length))
}

/** `length` bytes of the source. @throws RangeError when it gives another number of them */
export function drawBytes(randomBytes: RandomBytes, length: number): Uint8Array {
  const bytes = randomBytes(length)
  if (bytes.length !== length) throw brokenSource()
  return bytes
}

export function brokenSource(): RangeError {
  return new RangeError('randomBytes is broken')
}
