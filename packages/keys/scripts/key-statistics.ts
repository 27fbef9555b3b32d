/** Looks at many keys at once: is one twice, and is every character of every position equally likely? */
import { base32, base32Values, base62, base62Values, valueAt } from '../src/alphabets.ts'

/** A place in a key where every character of an alphabet must be equally likely. */
type Position = { readonly index: number; readonly values: Uint8Array; readonly characters: number }

/** How one position came out: a z-score of its χ², 0 as expected, far above uneven, far below too even. */
export type PositionScore = { readonly index: number; readonly chiSquare: number; readonly zScore: number }

export type KeyStatistics = {
  readonly count: number
  readonly repeatedSecrets: number
  readonly repeatedKeyIds: number
  readonly positions: readonly PositionScore[]
  readonly ok: boolean
}

/**
 * Beyond six standard deviations a position counts as uneven. A fair source gets there once in 5·10⁸
 * positions, so with 46 of them a false alarm comes once in 10⁷ runs. A missing rejection step
 * (`byte % 62`) is beyond it from about 15 000 keys on.
 */
export const zLimit = 6

const headerLength = 'll_live_'.length
const secretStart = headerLength + 26

/** Where the id has 5 random bits, and the whole secret. Time, version, variant and checksum are not random. */
const positions: readonly Position[] = [
  ...range(11, 13).map((index) => ({ index: headerLength + index, values: base32Values, characters: base32.length })),
  ...range(14, 26).map((index) => ({ index: headerLength + index, values: base32Values, characters: base32.length })),
  ...range(0, 32).map((index) => ({ index: secretStart + index, values: base62Values, characters: base62.length })),
]

/** Statistics of `count` keys of a two-letter prefix and one mode, as `issue` gives them. */
export function measureKeys(count: number, issue: () => string): KeyStatistics {
  const tallies = positions.map(({ characters }) => new Float64Array(characters))
  const secrets = new BigUint64Array(count)
  const keyIds = new BigUint64Array(count)
  const secretHalves = new Uint32Array(secrets.buffer)
  const keyIdHalves = new Uint32Array(keyIds.buffer)
  for (let key = 0; key < count; key++) {
    const token = issue()
    positions.forEach(({ index, values }, position) => {
      const tally = tallies[position] as Float64Array // one per position
      const value = valueAt(values, token, index)
      tally[value] = (tally[value] ?? 0) + 1
    })
    secretHalves[2 * key] = foldAt(token, secretStart)
    secretHalves[2 * key + 1] = foldAt(token, secretStart + 8)
    keyIdHalves[2 * key] = foldAt(token, headerLength + 10)
    keyIdHalves[2 * key + 1] = foldAt(token, headerLength + 18)
  }
  const scores = positions.map(({ index }, position) => scoreOf(index, tallies[position] as Float64Array, count))
  const [repeatedSecrets, repeatedKeyIds] = [countRepeated(secrets), countRepeated(keyIds)]
  const even = scores.every(({ zScore }) => Math.abs(zScore) < zLimit)
  return { count, repeatedSecrets, repeatedKeyIds, positions: scores, ok: even && repeatedSecrets + repeatedKeyIds === 0 }
}

/** 8 characters as 32 bits; two such fold a secret into 64, which 10⁷ keys share once in 4·10⁵ runs. */
function foldAt(token: string, start: number): number {
  let folded = 0
  for (let index = start; index < start + 8; index++) folded = Math.imul(folded, 61) + valueAt(base62Values, token, index)
  return folded
}

/** Wilson and Hilferty 1931: the cube root of χ² over its degrees of freedom is nearly normal. */
function scoreOf(index: number, tally: Float64Array, count: number): PositionScore {
  const expected = count / tally.length
  const chiSquare = tally.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0)
  const spread = 2 / (9 * (tally.length - 1))
  const zScore = (Math.cbrt(chiSquare / (tally.length - 1)) - (1 - spread)) / Math.sqrt(spread)
  return { index, chiSquare, zScore }
}

function countRepeated(numbers: BigUint64Array): number {
  numbers.sort()
  let repeated = 0
  for (let index = 1; index < numbers.length; index++) if (numbers[index] === numbers[index - 1]) repeated++
  return repeated
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, offset) => start + offset)
}
