import { assert, nat, property, tuple } from 'fast-check'
import { TypeID } from 'typeid-js'
import { describe, expect, test } from 'vitest'
import { newUuidSuffix } from './uuid-suffix.ts'

/** As the library of TypeID reads it. */
const uuidOf = (suffix: string) => TypeID.fromString(`con_${suffix}`).toUUID()
const anyTime = tuple(nat(0xffff), nat(0xffffffff)).map(([high, low]) => high * 2 ** 32 + low)

describe('newUuidSuffix()', () => {
  test('is a UUIDv7 of the time', () => {
    assert(property(anyTime, (ms) => {
      const uuid = uuidOf(newUuidSuffix(ms))
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(Number.parseInt(uuid.slice(0, 13).replace('-', ''), 16)).toBe(ms)
    }))
  })

  test('is read and written back without a change', () => {
    assert(property(anyTime, (ms) => {
      const suffix = newUuidSuffix(ms)
      expect(TypeID.fromUUID('con', uuidOf(suffix)).getSuffix()).toBe(suffix)
    }))
  })

  test('sorts by time', () => {
    assert(property(anyTime, anyTime, (one, other) => {
      if (one !== other) expect(newUuidSuffix(one) < newUuidSuffix(other)).toBe(one < other)
    }))
  })

  test('sorts in the order of making within a millisecond, of which a process has room for 8 192', () => {
    for (let ms = 1; ms <= 20; ms++) {
      const suffixes = Array.from({ length: 8_192 }, () => newUuidSuffix(ms))
      expect(suffixes).toEqual(suffixes.toSorted())
      expect(new Set(suffixes).size).toBe(8_192)
    }
  })

  test('begins anew at a random place when the time is another, and each of its 73 random bits is set half of the time', () => {
    const count = 10_000
    const set = new Array<number>(128).fill(0)
    for (let ms = 0; ms < count; ms++) {
      const bits = BigInt(`0x${uuidOf(newUuidSuffix(ms % 2)).replaceAll('-', '')}`).toString(2).padStart(128, '0')
      for (let index = 0; index < 128; index++) if (bits[index] === '1') set[index] = (set[index] ?? 0) + 1
    }
    const random = set.filter((_, index) => index >= 53 && index !== 64 && index !== 65)
    expect(random).toHaveLength(73)
    for (const times of random) expect(Math.abs(times - count / 2)).toBeLessThan(400) // 8 standard deviations
  })

  test('never repeats', () => {
    const suffixes = Array.from({ length: 100_000 }, (_, index) => newUuidSuffix(index % 3))
    expect(new Set(suffixes).size).toBe(suffixes.length)
  })
})
