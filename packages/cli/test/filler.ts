/** Bytes of the kinds that are found in repositories, the same in each run. */

export const fillers = ['source', 'minified', 'json', 'encoded', 'binary', 'snake_case'] as const

export type Filler = (typeof fillers)[number]

const poolLength = 2 ** 21
const pools = new Map<Filler, Buffer>()

/** So many bytes of a kind; another `seed` begins at another place. */
export function filler(kind: Filler, length: number, seed: number): Buffer {
  const pool = pools.get(kind) ?? Buffer.from(makers[kind]().padEnd(poolLength, ' '), kind === 'binary' ? 'latin1' : 'utf8')
  pools.set(kind, pool)
  const start = (seed * 7919) % (pool.length >> 1)
  const parts: Buffer[] = []
  for (let left = length; left > 0; left -= pool.length - start) parts.push(pool.subarray(start, start + left))
  return Buffer.concat(parts)
}

const words = ['call', 'all_', 'null_value', 'roll', 'const', 'return', 'await', 'key', 'größe', 'll_live', 'ull_test_', 'export', 'function', 'scroll_root', '0x1f', '=> {', '}']

const makers: Record<Filler, () => string> = {
  source: () => joined((random) => `${'  '.repeat(random(4))}${word(random)} ${word(random)}(${word(random)}) // ${word(random)} ${word(random)}\n`),
  minified: () => joined((random) => `${word(random)}=${random(1e9)},function(${word(random)}){`),
  json: () => joined((random) => `{"id":"key_${random(1e9)}","name":"${word(random)}","sum":${random(1e6)}},\n`),
  encoded: () => joined((random) => Buffer.from(`${random(1e9)} ${word(random)} ${random(1e9)}`).toString('base64')),
  binary: () => joined((random) => String.fromCharCode(random(256), random(256), random(256), random(256), random(256), random(256), random(256), random(256))),
  snake_case: () => joined((random) => `${word(random)}_all_live_${word(random)}_ll_test_${random(1e6)}_install_root_\n`),
}

type Random = (below: number) => number

function word(random: Random): string {
  return words[random(words.length)] ?? ''
}

function joined(piece: (random: Random) => string): string {
  const random = createRandom()
  const pieces: string[] = []
  for (let length = 0; length < poolLength; length += pieces.at(-1)?.length ?? 1) pieces.push(piece(random))
  return pieces.join('')
}

/** xorshift32 (Marsaglia 2003) from a fixed seed. */
function createRandom(): Random {
  let state = 0x9e3779b9
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
