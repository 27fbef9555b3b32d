/** What follows the prefix of an id: a UUIDv7 (RFC 9562 §5.7) in base32, made for speed, as every request gets one. */

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
/** Two characters for every ten bits. */
const pairs = Array.from({ length: 1024 }, (_, bits) => `${alphabet[bits >> 5]}${alphabet[bits & 31]}`)

/** One for the counter, six for the rest. */
const perId = 7
/** Randomness of 256 ids, fetched at once: a call for each costs more than all the rest. */
const random = new Uint16Array(256 * perId)
let next = random.length

/** The millisecond of the last id, and how many steps of the counter are taken in it. */
let lastMs = -1
let counter = 0

/**
 * 26 characters: 10 of the time in milliseconds, then version, variant, a counter of 14 bits and 60 random ones. Ids of
 * one millisecond sort in the order they are made: the counter begins at a random place in its lower half
 * (RFC 9562 §6.2, method 1) and has room for more than a process can make.
 */
export function newUuidSuffix(ms: number): string {
  if (next === random.length) next = fill()
  const bits = randomBits()
  counter = ms === lastMs ? counter + 1 : bits & 8191
  lastMs = ms
  let suffix = ''
  for (let unit = 2 ** 40; unit >= 1; unit /= 1024) suffix += pair(ms / unit)
  suffix += pair(version | ((counter >> 8) & 63))
  suffix += pair(variant | ((counter & 252) << 2) | (counter & 3))
  for (let index = 1; index < perId; index++) suffix += pair(randomBits())
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
