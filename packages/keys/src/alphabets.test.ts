import { expect, test } from 'vitest'
import { base32, base32Values, base62, base62Values, valueAt } from './alphabets.ts'

test('the alphabets are the published ones and never change', () => {
  expect(base62).toBe('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')
  expect(base32).toBe('0123456789abcdefghjkmnpqrstvwxyz')
})

test.each([
  { name: 'base62', alphabet: base62, values: base62Values },
  { name: 'base32', alphabet: base32, values: base32Values },
])('valueAt() inverts $name for every UTF-16 unit there is', ({ alphabet, values }) => {
  for (let code = 0; code <= 0xffff; code++) {
    const expected = alphabet.indexOf(String.fromCharCode(code))
    const value = valueAt(values, String.fromCharCode(code), 0)
    if (expected === -1 ? value < 128 : value !== expected) throw new Error(`wrong value for unit ${code}`)
  }
  expect(valueAt(values, '', 0)).toBeGreaterThanOrEqual(128)
})
