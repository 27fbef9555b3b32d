/** CRC-32/IEEE 802.3 (reflected, polynomial 0xEDB88320), one table look-up per character. */

const table = /* @__PURE__ */ createTable()

/** The state before the first character. */
export const crc32Start = -1

/** The state after one more ASCII character. */
export function crc32Step(state: number, code: number): number {
  return (state >>> 8) ^ (table[(state ^ code) & 255] as number) // index ≤ 255
}

/** The state after all characters of an ASCII text. */
export function crc32Update(state: number, text: string): number {
  for (let index = 0; index < text.length; index++) state = crc32Step(state, text.charCodeAt(index))
  return state
}

/** The checksum of a state, 0 to 2³² − 1. */
export function crc32Finish(state: number): number {
  return ~state >>> 0
}

function createTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let state = byte
    for (let bit = 0; bit < 8; bit++) state = (state >>> 1) ^ (state & 1 ? 0xedb88320 : 0)
    return state
  })
}
