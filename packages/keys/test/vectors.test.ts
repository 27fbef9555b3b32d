/** The published vectors, through the doors. */
import { describe, expect, test } from 'vitest'
import { defineKeyFormat, findKeys } from '../src/index.ts'
import type { KeyFault } from '../src/index.ts'
import { definePeppers, digestKey } from '../src/digest.ts'
import checksumVectors from '../vectors/checksum.json' with { type: 'json' }
import digestVectors from '../vectors/digest.json' with { type: 'json' }
import findVectors from '../vectors/find.json' with { type: 'json' }
import invalidVectors from '../vectors/parse-invalid.json' with { type: 'json' }
import validVectors from '../vectors/parse-valid.json' with { type: 'json' }
import redactVectors from '../vectors/redact.json' with { type: 'json' }
import redactTextVectors from '../vectors/redact-text.json' with { type: 'json' }
import { crc32Finish, crc32Start, crc32Update } from '../src/crc32.ts'
import { checksumOf } from '../src/key-layout.ts'

/** A record, so that a code that is added or removed stops the type check here. */
const codes: Record<KeyFault, true> = {
  empty: true,
  placeholder: true,
  has_scheme: true,
  quoted: true,
  whitespace: true,
  key_id: true,
  redacted: true,
  wrong_prefix: true,
  wrong_mode: true,
  too_short: true,
  too_long: true,
  bad_character: true,
  bad_key_id: true,
  bad_checksum: true,
}

type Pieces = { prefix: string; mode: string; keyIdSuffix: string; secret: string; checksum: string }

const textOf = (key: Pieces) => `${key.prefix}_${key.mode}_${key.keyIdSuffix}${key.secret}${key.checksum}`

describe('checksum.json', () => {
  test.each(checksumVectors.vectors)('$name', ({ text, crc32, checksum }) => {
    expect(crc32Finish(crc32Update(crc32Start, text))).toBe(Number.parseInt(crc32, 16))
    expect(checksumOf(text)).toBe(checksum)
  })
})

describe('parse-valid.json', () => {
  test.each(validVectors.vectors)('$name', (vector) => {
    const text = textOf(vector)
    const { mode, keyId, issuedAt } = vector
    const format = defineKeyFormat({ prefix: vector.prefix })
    expect(format.parse(text)).toStrictEqual({ ok: true, token: text, mode, keyId, issuedAt })
    expect(text).toMatch(new RegExp(`^${format.pattern}$`))
    expect(text).toHaveLength(format.tokenLength)
  })
})

describe('parse-invalid.json', () => {
  test.each(invalidVectors.vectors)('$name', ({ prefix, text, code }) => {
    expect(defineKeyFormat({ prefix }).parse(text)).toStrictEqual({ ok: false, code })
  })

  test('has a vector for every code', () => {
    expect(new Set(invalidVectors.vectors.map(({ code }) => code))).toEqual(new Set(Object.keys(codes)))
  })
})

describe('redact.json', () => {
  test.each(redactVectors.vectors)('$name', ({ prefix, text, redacted }) => {
    expect(defineKeyFormat({ prefix }).redact(text)).toBe(redacted)
  })
})

describe('redact-text.json', () => {
  test.each(redactTextVectors.vectors)('$name', ({ prefix, text, redacted }) => {
    expect(defineKeyFormat({ prefix }).redactKeys(text)).toBe(redacted)
  })
})

describe('find.json', () => {
  test.each(findVectors.vectors)('$name', ({ prefix, text, keys }) => {
    const expected = keys.map((key) => ({ ...key, token: text.slice(key.start, key.end) }))
    expect(findKeys(text, defineKeyFormat({ prefix }))).toEqual(expected)
  })
})

describe('digest.json', () => {
  test.each(digestVectors.vectors)('$name', (vector) => {
    const peppers = definePeppers([{ version: vector.pepperVersion, secret: Buffer.from(vector.pepperHex, 'hex') }])
    const { version, digest } = digestKey(textOf(vector), peppers[0])
    expect(version).toBe(vector.pepperVersion)
    expect(Buffer.from(digest).toString('hex')).toBe(vector.digestHex)
  })
})
