/** What follows the prefix of an id: a UUIDv7 (RFC 9562 §5.7) in base32, made for speed, as every request gets one. */

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
/** Two characters for every ten bits. */
const pairs = Array.from({ length: 1024 }, (_, bits) => `${alphabet[bits >> 5]}${alphabet[bits & 31]}`)

const perId = 8
/** Randomness of 256 ids, fetched at once: a call for each costs more than all the rest. */
const random = new Uint16Array(256 * perId)
let next = random.length

/** 26 characters: 10 of the time in milliseconds, then version, variant and 74 random bits. */
export function newUuidSuffix(ms: number): string {
  if (next === random.length) next = fill()
  let suffix = ''
  for (let unit = 2 ** 40; unit >= 1; unit /= 1024) suffix += pair(ms / unit)
  suffix += pair(version | (randomBits() & 0b0000_111111))
  suffix += pair(variant | (randomBits() & 0b111111_00_11))
  for (let index = 2; index < perId; index++) suffix += pair(randomBits())
  return suffix
}

const version = 0b0111_000000
const variant = 0b000000_10_00

// of a larger number the lowest ten bits; bitwise operators take it modulo 2^32
function pair(bits: number): string {
  return pairs[bits & 1023] as string // there are 1024
}

function randomBits(): number {
  return random[next++] as number // filled before an id is begun
}

function fill(): number {
  crypto.getRandomValues(random)
  return 0
}
