import { assert, constantFrom, integer, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDuration, parseRateLimit } from './duration.ts'

describe('parseDuration()', () => {
  test.each([['0s', 0], ['250ms', 250], ['1s', 1_000], ['15m', 900_000], ['24h', 86_400_000], ['90d', 7_776_000_000], ['007s', 7_000]])(
    '%s is %i ms', (text, ms) => {
      expect(parseDuration(text)).toBe(ms)
    },
  )

  test.each(['', 's', '1', '1.5s', '-1s', '+1s', '1 s', ' 1s', '1s ', '1s\n', '1S', '1w', '1e3s', '١s', '9999999999s'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeNull()
  })

  test('is exact, or null where a number cannot be', () => {
    const units = { ms: 1n, s: 1_000n, m: 60_000n, h: 3_600_000n, d: 86_400_000n }
    assert(property(integer({ min: 0, max: 999_999_999 }), constantFrom(...(Object.keys(units) as (keyof typeof units)[])), (count, unit) => {
      const exact = BigInt(count) * units[unit]
      const expected = exact <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(exact) : null
      expect(parseDuration(`${count}${unit}`)).toBe(expected)
    }))
  })
})

describe('parseRateLimit()', () => {
  test('reads count and period; burst is the count unless given', () => {
    expect(parseRateLimit('100/10s')).toEqual({ count: 100, periodMs: 10_000, burst: 100 })
    expect(parseRateLimit('1/250ms', 5)).toEqual({ count: 1, periodMs: 250, burst: 5 })
  })

  test.each(['', '100', '0/10s', '100/0s', '100/', '/10s', '-1/s', '1/s', '1.5/1s', '100/10s/1s', ' 100/10s', '100/10s ', '1000000000/1s'])(
    '%j is no rate limit', (text) => {
      expect(parseRateLimit(text)).toBeNull()
    },
  )

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('a burst of %d is no rate limit', (burst) => {
    expect(parseRateLimit('100/10s', burst)).toBeNull()
  })
})
