/** What holds for every key and every text. */
import { hash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyModes, letterlockKeys } from '../src/index.ts'
import { base62 } from '../src/alphabets.ts'
import { crc32Finish, crc32Start, crc32Step, crc32Update } from '../src/crc32.ts'
import { checksumLength } from '../src/key-layout.ts'

const keys = letterlockKeys
const runs = { numRuns: 200 }

const mode = fc.constantFrom(...keyModes)
const time = fc.integer({ min: 0, max: 2 ** 48 - 1 })
const issued = fc
  .tuple(mode, time, fc.uint8Array({ minLength: 256, maxLength: 256 }))
  .map(([mode, now, entropy]) => {
    let used = 0
    const randomBytes = (length: number) =>
      Uint8Array.from({ length }, (_, index) => entropy[(used++ + index) % 256]! % 248) // 256 entries
    return { now, ...keys.issue({ mode, now, randomBytes }) }
  })

/** Keys of a seed, none of them degenerate: no part of the secret happens to be part of the id. */
const realistic = fc.tuple(mode, fc.nat()).map(([mode, seed]) => {
  let round = 0
  const randomBytes = (length: number) => hash('shake256', `${seed} ${round++}`, { outputEncoding: 'buffer', outputLength: length })
  return keys.issue({ mode, now: 1_795_377_600_000, randomBytes })
})

/** Any UTF-16 there is: unpaired surrogates, control characters, and pieces of keys in between. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
      fc.constantFrom('ll_', 'll_live_', 'll_test_', '_', '****', 'key_', '"', '\n'),
      issued.map(({ token }) => token),
      issued.chain(({ token }) => fc.nat(token.length).map((length) => token.slice(0, length))),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''))

test('parse() gives back what issue() was given', () => {
  fc.assert(
    fc.property(issued, ({ now, token, keyId, mode }) => {
      expect(keys.parse(token)).toEqual({ ok: true, token, keyId, mode, issuedAt: now })
    }),
    runs,
  )
})

test('issue() with a key id makes another secret of the same id', () => {
  fc.assert(
    fc.property(issued, mode, ({ token, keyId }, mode) => {
      const next = keys.issue({ mode, keyId })
      expect(next.keyId).toBe(keyId)
      expect(next.token).not.toBe(token)
      expect(keys.parse(next.token)).toMatchObject({ ok: true, keyId, mode })
    }),
    runs,
  )
})

test('parse() refuses every change of a single character into any other ASCII character', () => {
  const others = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))
  fc.assert(
    fc.property(issued, ({ token }) => {
      for (let index = 0; index < token.length; index++) {
        for (const other of others) {
          if (other !== token[index]) refuses(token.slice(0, index) + other + token.slice(index + 1))
        }
      }
    }),
    { numRuns: 8 },
  )
})

test('parse() refuses every swap of two different neighbours', () => {
  fc.assert(
    fc.property(issued, ({ token }) => {
      for (let index = 0; index + 1 < token.length; index++) {
        const [left, right] = [token.charAt(index), token.charAt(index + 1)]
        if (left !== right) refuses(token.slice(0, index) + right + left + token.slice(index + 2))
      }
    }),
    { numRuns: 500 },
  )
})

/**
 * CRC-32 finds every change within 32 neighbouring bits, so a swap inside the body, and a swap inside
 * the checksum changes its number. Left is the swap of the last secret with the first checksum
 * character, a and b: it changes the CRC by exclusive or with one table entry, and the checksum by
 * (a − b)·62⁵. Both are the same change for some CRC only if the lowest bit that changes is the same.
 */
test('a swap across the border of secret and checksum can never keep the checksum right', () => {
  const firstDigits = Math.ceil(2 ** 32 / 62 ** (checksumLength - 1))
  for (let a = 0; a < firstDigits; a++) {
    for (let b = 0; b < firstDigits; b++) {
      if (a === b) continue
      const change = crc32Step(0, base62.charCodeAt(a) ^ base62.charCodeAt(b))
      expect(lowestBit(change)).not.toBe(lowestBit((a - b) * 62 ** (checksumLength - 1)))
    }
  }
})

test('the CRC changes with every burst of up to 32 bits', () => {
  const burst = fc.tuple(fc.integer({ min: 1, max: 0xffff }), fc.nat(64))
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...base62.split('')), minLength: 66, maxLength: 66 }), burst, (text, [bits, at]) => {
      const codes = Array.from(text, (character) => character.charCodeAt(0))
      codes[at]! ^= bits & 255 // at ≤ 64 of 66
      codes[at + 1]! ^= bits >> 8
      const changed = String.fromCharCode(...codes)
      expect(crc32Finish(crc32Update(crc32Start, changed))).not.toBe(crc32Finish(crc32Update(crc32Start, text)))
    }),
    runs,
  )
})

test('nothing throws, and no secret gets through, whatever the text', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      keys.parse(text)
      keys.redact(text)
      const redacted = keys.redactKeys(text)
      expect(keys.redactKeys(redacted)).toBe(redacted)
      expect(keys.findKeys(redacted)).toEqual([])
      for (const { token, start, end } of keys.findKeys(text)) {
        expect(text.slice(start, end)).toBe(token)
        expect(keys.parse(token).ok).toBe(true)
      }
    }),
    { numRuns: 2000 },
  )
})

test('redact() and redactKeys() show at most four characters of what follows the id', () => {
  const around = fc.string({ unit: 'binary', maxLength: 20 })
  fc.assert(
    fc.property(realistic, fc.tuple(around, around), fc.nat(71), ({ token, keyId }, [before, after], cut) => {
      const secret = token.slice(34)
      const texts = [token, token.slice(0, cut) + token.slice(cut + 1), token.slice(1), `${token}\n`]
      for (const text of texts) showsNothing(keys.redact(text), secret)
      showsNothing(keys.redactKeys(`${before} ${token} ${after}`), secret)
      expect(keys.redact(token)).toContain(keyId.slice(4))
    }),
    runs,
  )
})

test('redactKeys() leaves a text without a key-shaped run as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      fc.pre(!text.includes('ll_'))
      expect(keys.redactKeys(text)).toBe(text)
    }),
    runs,
  )
})

function refuses(text: string): void {
  if (keys.parse(text).ok) throw new Error('a changed key was taken')
}

function showsNothing(redacted: string, secret: string): void {
  for (let start = 0; start + 5 <= secret.length; start++) {
    if (redacted.includes(secret.slice(start, start + 5))) throw new Error('five characters of a secret got through')
  }
}

function lowestBit(number: number): number {
  return number & -number
}
