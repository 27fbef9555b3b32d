import { describe, expect, test } from 'vitest'
import { parseNamedLimit } from './rate-limit.ts'

describe('parseNamedLimit()', () => {
  test('fills in the burst and the bucket', () => {
    expect(parseNamedLimit('key_a', { name: 'default', limit: '100/10s' })).toEqual({
      name: 'default', limit: '100/10s', count: 100, periodMs: 10_000, burst: 100, bucket: 'key_a/default/100/10000',
    })
  })

  test.each([
    ['no name', { name: '', limit: '1/1s' }],
    ['a name with a blank', { name: 'a b', limit: '1/1s' }],
    ['a name with a slash', { name: 'a/b', limit: '1/1s' }],
    ['a name with a line end', { name: 'a\n', limit: '1/1s' }],
    ['a name of 65', { name: 'a'.repeat(65), limit: '1/1s' }],
    ['a count of 0', { name: 'a', limit: '0/1s' }],
    ['a period of 0', { name: 'a', limit: '1/0s' }],
    ['a negative count', { name: 'a', limit: '-1/1s' }],
    ['a fraction', { name: 'a', limit: '1.5/1s' }],
    ['a unit of none', { name: 'a', limit: '1/1' }],
    ['an unknown unit', { name: 'a', limit: '1/1w' }],
    ['a burst of 0', { name: 'a', limit: '1/1s', burst: 0 }],
    ['a burst of a fraction', { name: 'a', limit: '1/1s', burst: 1.5 }],
    ['a burst beyond exact counting', { name: 'a', limit: '1/999999999d', burst: 1_000_000 }],
  ])('refuses %s', (_, text) => {
    expect(parseNamedLimit('key_a', text)).toBeNull()
  })
})
