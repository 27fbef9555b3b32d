import { describe, expect, test } from 'vitest'
import { defineKeyFormat, findKeys, keyModes, letterlockKeys } from './index.ts'
import type { KeyMode } from './index.ts'

const keys = defineKeyFormat({ prefix: 'acme' })
const now = Date.UTC(2026, 10, 22, 12)

/** Bytes 0, 1, 2, … over and over. */
function countingBytes() {
  let next = 0
  return (length: number) => Uint8Array.from({ length }, () => next++ & 255)
}

describe('defineKeyFormat()', () => {
  test.each(['a', 'll', 'a1', 'acme_mail', 'abcdefghijklmno1'])('takes the prefix %j', (prefix) => {
    const format = defineKeyFormat({ prefix })
    expect(format.parse(format.issue({ mode: 'live' }).token)).toMatchObject({ ok: true, mode: 'live' })
  })

  test.each(['', '_', '1a', 'A', 'a_', 'a-b', 'a.b', 'a b', 'ä', 'abcdefghijklmnop1', 'a\n'])('refuses the prefix %j', (prefix) => {
    expect(() => defineKeyFormat({ prefix })).toThrow(RangeError)
  })

  test('keeps formats apart: a key of one is wrong_prefix for another', () => {
    expect(letterlockKeys.parse(keys.issue({ mode: 'live' }).token)).toEqual({ ok: false, code: 'wrong_prefix' })
  })

  test('gives functions that stand alone', () => {
    const { issue, parse, redact, redactKeys, findKeys, createRegExp } = keys
    const { token } = issue({ mode: 'test' })
    expect(parse(token).ok).toBe(true)
    expect(redactKeys(token)).toBe(redact(token))
    expect(findKeys(token)).toHaveLength(1)
    expect(token.match(createRegExp())).toEqual([token])
  })

  test('gives an object that cannot be changed', () => {
    expect(Object.isFrozen(keys)).toBe(true)
  })
})

describe('issue()', () => {
  test.each(keyModes)('makes a key of mode %s, 72 characters with the prefix ll', (mode) => {
    const issued = letterlockKeys.issue({ mode })
    expect(issued.token).toHaveLength(72)
    expect(issued.token).toMatch(new RegExp(`^ll_${mode}_[0-9A-Za-z]{64}$`))
    expect(issued.token.slice(8, 34)).toBe(issued.keyId.slice(4))
    expect(issued.mode).toBe(mode)
  })

  test('is determined by its time and its random bytes', () => {
    const { token, keyId } = keys.issue({ mode: 'live', now, randomBytes: countingBytes() })
    expect(keyId).toBe('key_01m81j18g0e12b456789abcdef')
    expect(token).toBe(`acme_live_01m81j18g0e12b456789abcdef${'GHIJKLMNOPQRSTUVWXYZabcdefghijkl'}2rDGPF`)
  })

  test('makes ids that sort by time', () => {
    const ids = [0, 1, 31, 32, 1023, 1024, now, now + 1, 2 ** 48 - 1].map((now) => keys.issue({ mode: 'live', now }).keyId)
    expect([...ids].sort()).toEqual(ids)
  })

  test('uses the clock when no time is given', () => {
    const before = Date.now()
    const parsed = keys.parse(keys.issue({ mode: 'live' }).token)
    expect(parsed.ok && parsed.issuedAt).toBeGreaterThanOrEqual(before)
    expect(parsed.ok && parsed.issuedAt).toBeLessThanOrEqual(Date.now())
  })

  test('throws away bytes from 248 on, which would make some characters likelier', () => {
    let next = 0
    const randomBytes = (length: number) => Uint8Array.from({ length }, () => (next++ % 2 === 0 ? 255 - (next % 8) : 247))
    const { keyId } = keys.issue({ mode: 'live' })
    expect(keys.issue({ mode: 'live', keyId, randomBytes }).token).toContain('z'.repeat(32))
  })

  test.each([-1, 0.5, 2 ** 48, Number.NaN, Number.POSITIVE_INFINITY])('refuses the time %d', (now) => {
    expect(() => keys.issue({ mode: 'live', now })).toThrow(RangeError)
  })

  test.each(['', 'key_', '01h455vb4pex5vsknk084sn02q', 'key_81h455vb4pex5vsknk084sn02q', 'key_01h455vb4pex5vsknk084sn02', 'key_01h455vb4p4x5vsknk084sn02q', 'KEY_01H455VB4PEX5VSKNK084SN02Q'])(
    'refuses the key id %j',
    (keyId) => expect(() => keys.issue({ mode: 'live', keyId })).toThrow(RangeError),
  )

  test('refuses an unknown mode', () => {
    expect(() => keys.issue({ mode: 'prod' as KeyMode })).toThrow(RangeError) // as a JavaScript caller would
  })

  test('refuses a random source that gives too little or nothing usable', () => {
    expect(() => keys.issue({ mode: 'live', randomBytes: () => new Uint8Array(0) })).toThrow(RangeError)
    expect(() => keys.issue({ mode: 'live', randomBytes: (length) => new Uint8Array(length).fill(255) })).toThrow(RangeError)
  })
})

describe('parse()', () => {
  test.each([undefined, null, 0, {}, [], Symbol('key')])('answers empty for what is no string (%#)', (value) => {
    expect(keys.parse(value as string)).toEqual({ ok: false, code: 'empty' }) // as a JavaScript caller would
  })

  test.each(['\ud800', '\udc00', '\udc00\ud800'])('refuses unpaired surrogates as bad_character (%#)', (surrogates) => {
    const { token } = keys.issue({ mode: 'live' })
    for (const index of [12, 40, keys.tokenLength - surrogates.length]) {
      const text = token.slice(0, index) + surrogates + token.slice(index + surrogates.length)
      expect(keys.parse(text)).toEqual({ ok: false, code: 'bad_character' })
      expect(keys.redactKeys(`${surrogates}${token}${surrogates}`)).toBe(surrogates + keys.redact(token) + surrogates)
    }
  })

  test('says too_short and too_long on both sides of the right length', () => {
    const { token } = keys.issue({ mode: 'live' })
    expect(token).toHaveLength(keys.tokenLength)
    expect(keys.parse(token.slice(0, -1))).toEqual({ ok: false, code: 'too_short' })
    expect(keys.parse(`${token}0`)).toEqual({ ok: false, code: 'too_long' })
  })
})

describe('findKeys()', () => {
  test('looks for keys of Letterlock unless another format is given', () => {
    const [ours, theirs] = [letterlockKeys.issue({ mode: 'live' }), keys.issue({ mode: 'root' })]
    const text = `${ours.token} ${theirs.token}`
    expect(findKeys(text).map(({ keyId }) => keyId)).toEqual([ours.keyId])
    expect(findKeys(text, keys)).toEqual([
      { start: 73, end: text.length, token: theirs.token, mode: 'root', keyId: theirs.keyId, issuedAt: expect.any(Number) },
    ])
  })
})

describe('pattern', () => {
  test('is found by createRegExp(), each call with a state of its own', () => {
    const { token } = keys.issue({ mode: 'live' })
    const first = keys.createRegExp()
    expect(first.test(token)).toBe(true)
    expect(keys.createRegExp().lastIndex).toBe(0)
    expect(first.flags).toBe('g')
  })

  test('has no look-around, back-reference or named group, so that RE2 takes it', () => {
    expect(keys.pattern).toBe('acme_(?:live|test|root)_[0-7][0-9a-hjkmnp-tv-z]{25}[0-9A-Za-z]{38}')
  })
})

describe('in linear time', () => {
  const hostile = {
    'the stem over and over': 'll_',
    'the header over and over': 'll_live_',
    'headers and ids': `ll_live_${'0'.repeat(26)}`,
    'headers and almost a body': `ll_live_0${'e'.repeat(60)}-`,
    'one endless run': 'll_live_x'.padEnd(1000, 'x'),
    'quotes and blanks': ' \t"\n',
  }
  test.each(Object.entries(hostile))('findKeys(), redactKeys() and parse() of %s: ten times the text, not a hundred times the time', (_, unit) => {
    const small = unit.repeat(Math.ceil(20_000 / unit.length))
    const large = small.repeat(10)
    const run = (text: string) => {
      letterlockKeys.findKeys(text)
      letterlockKeys.redactKeys(text)
      letterlockKeys.redact(text)
      letterlockKeys.parse(text)
    }
    run(small)
    expect(millisecondsOf(() => run(large))).toBeLessThan(40 * millisecondsOf(() => run(small)) + 50)
  })
})

function millisecondsOf(run: () => void): number {
  const times = Array.from({ length: 3 }, () => {
    const start = performance.now()
    run()
    return performance.now() - start
  })
  return Math.min(...times)
}
