import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { definePeppers, digestEquals, digestKey, matchDigest, parsePeppers, PepperError } from './digest.ts'
import { letterlockKeys } from './index.ts'

const bytes = (length: number, seed: number) => Uint8Array.from({ length }, (_, index) => (index * 7 + seed) & 255)
const base64 = (secret: Uint8Array) => Buffer.from(secret).toString('base64')
const [secret1, secret2] = [bytes(32, 1), bytes(32, 2)]

const { token } = letterlockKeys.issue({ mode: 'live' })
const { token: otherToken } = letterlockKeys.issue({ mode: 'live' })
const peppers = definePeppers([
  { version: 'v2', secret: secret2 },
  { version: 'v1', secret: secret1 },
])
const [newest, old] = peppers as readonly [(typeof peppers)[0], (typeof peppers)[0]]

describe('digestKey()', () => {
  test('is HMAC-SHA-256: the same as openssl dgst -mac HMAC with the key 00 01 … 1f', () => {
    const [pepper] = definePeppers([{ version: 'v1', secret: Uint8Array.from({ length: 32 }, (_, index) => index) }])
    expect(Buffer.from(digestKey('abc', pepper).digest).toString('hex')).toBe('f0133729c4163dede81e21cd47839256da58171238c8a0d874397c73b14e1e47')
  })

  test('differs for another pepper and for another token', () => {
    expect(digestEquals(digestKey(token, newest).digest, digestKey(token, old).digest)).toBe(false)
    expect(digestEquals(digestKey(token, newest).digest, digestKey(otherToken, newest).digest)).toBe(false)
  })

  test('gives 32 bytes of any text', () => {
    for (const text of ['', '\ud800', token]) expect(digestKey(text, newest).digest).toHaveLength(32)
  })
})

describe('digestEquals()', () => {
  const digest = digestKey(token, newest).digest
  test('is true for the same bytes', () => expect(digestEquals(digest, Uint8Array.from(digest))).toBe(true))
  test('is false for every changed bit', () => {
    for (let bit = 0; bit < 256; bit++) {
      const changed = Uint8Array.from(digest)
      changed[bit >> 3]! ^= 1 << (bit & 7) // bit >> 3 < 32
      expect(digestEquals(digest, changed)).toBe(false)
    }
  })
  test.each([0, 1, 31, 33, 64])('is false, without throwing, beside %i bytes', (length) => {
    expect(digestEquals(digest, new Uint8Array(length))).toBe(false)
    expect(digestEquals(new Uint8Array(length), digest)).toBe(false)
  })
})

describe('matchDigest()', () => {
  const table = [
    { name: 'right token, newest pepper', stored: digestKey(token, newest), expected: 'match' },
    { name: 'right token, old pepper', stored: digestKey(token, old), expected: 'match_old_pepper' },
    { name: 'wrong token, newest pepper', stored: digestKey(otherToken, newest), expected: 'mismatch' },
    { name: 'wrong token, old pepper', stored: digestKey(otherToken, old), expected: 'mismatch' },
    { name: 'digest of one pepper under the version of the other', stored: { ...digestKey(token, old), version: 'v2' }, expected: 'mismatch' },
    { name: 'a pepper that is not configured', stored: { ...digestKey(token, newest), version: 'v3' }, expected: 'unknown_pepper' },
    { name: 'a stored digest of another length', stored: { version: 'v2', digest: new Uint8Array(31) }, expected: 'mismatch' },
    { name: 'no stored digest', stored: { version: 'v2', digest: new Uint8Array(0) }, expected: 'mismatch' },
    { name: 'no record at all', stored: undefined, expected: 'mismatch' },
  ]
  test.each(table)('$name: $expected', ({ stored, expected }) => {
    expect(matchDigest(token, stored, peppers)).toBe(expected)
  })

  test('takes a Buffer, as databases give', () => {
    expect(matchDigest(token, { version: 'v2', digest: Buffer.from(digestKey(token, newest).digest) }, peppers)).toBe('match')
  })
})

describe('parsePeppers()', () => {
  test('reads versions in order, in base64 and base64url, with and without padding', () => {
    const text = `v3:${base64(bytes(33, 251))}, v2:${base64(secret2).replace(/=+$/, '')},v1:${Buffer.from(secret1).toString('base64url')}`
    const parsed = parsePeppers(text)
    expect(parsed.map(({ version }) => version)).toEqual(['v3', 'v2', 'v1'])
    expect(matchDigest(token, digestKey(token, newest), parsed)).toBe('match_old_pepper')
    expect(matchDigest(token, digestKey(token, old), parsed)).toBe('match_old_pepper')
  })

  const faults: [string, PepperError['code'], string][] = [
    ['nothing', 'none', ''],
    ['blanks', 'none', '  '],
    ['no version', 'bad_entry', base64(secret1)],
    ['no secret', 'bad_entry', 'v1:'],
    ['no base64', 'bad_entry', `v1:${base64(secret1).replace('A', '*')}!`],
    ['a trailing comma', 'bad_entry', `v1:${base64(secret1)},`],
    ['version and secret exchanged', 'bad_version', `${base64(secret1).replaceAll('=', '')}:v1`],
    ['a version without v', 'bad_version', `1:${base64(secret1)}`],
    ['version zero', 'bad_version', `v0:${base64(secret1)}`],
    ['oldest first', 'bad_order', `v1:${base64(secret1)},v2:${base64(secret2)}`],
    ['the same version twice', 'bad_order', `v1:${base64(secret1)},v1:${base64(secret2)}`],
    ['31 bytes', 'too_short', `v1:${base64(bytes(31, 1))}`],
    ['1025 bytes', 'too_long', `v1:${base64(bytes(1025, 1))}`],
    ['zeros', 'weak', `v1:${base64(new Uint8Array(32))}`],
    ['the same secret twice', 'repeated', `v2:${base64(secret1)},v1:${base64(secret1)}`],
  ]
  test.each(faults)('refuses %s with the code %s', (_, code, text) => {
    const error = errorOf(() => parsePeppers(text))
    expect(error).toBeInstanceOf(PepperError)
    expect(error).toMatchObject({ name: 'PepperError', code })
  })

  test.each(faults)('tells what is wrong with %s without repeating it', (_, _code, text) => {
    const shown = inspect(errorOf(() => parsePeppers(text)), { depth: null })
    const parts = text.split(/[,:]/).filter((part) => part.length > 8)
    for (const part of parts) expect(shown).not.toContain(part.slice(0, 8))
  })

  test.each([32, 1024])('takes %i bytes', (length) => {
    expect(parsePeppers(`v1:${base64(bytes(length, 1))}`)).toHaveLength(1)
  })
})

describe('definePeppers()', () => {
  test('refuses an empty list', () => expect(errorOf(() => definePeppers([]))).toMatchObject({ code: 'none' }))

  test('makes peppers that do not show their bytes', () => {
    const shown = inspect(peppers, { depth: null, showHidden: true }) + JSON.stringify(peppers)
    for (const form of ['hex', 'base64', 'latin1'] as const) {
      expect(shown).not.toContain(Buffer.from(secret2).toString(form).slice(0, 12))
    }
    expect(shown).not.toContain([...secret2].slice(0, 4).join(', '))
  })

  test('does not follow later changes of the bytes it was given', () => {
    const secret = bytes(32, 9)
    const [pepper] = definePeppers([{ version: 'v1', secret }])
    const before = digestKey(token, pepper).digest
    secret.fill(0)
    expect(digestEquals(digestKey(token, pepper).digest, before)).toBe(true)
  })
})

function errorOf(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
