/** Asks the system for random bytes 64 KiB at a time: what a program that issues millions of keys does. */
import type { RandomBytes } from '../src/index.ts'

export function createPooledRandomBytes(): RandomBytes {
  const pool = new Uint8Array(65_536)
  let used = pool.length
  return (length) => {
    if (used + length > pool.length) {
      crypto.getRandomValues(pool)
      used = 0
    }
    used += length
    return pool.subarray(used - length, used)
  }
}
