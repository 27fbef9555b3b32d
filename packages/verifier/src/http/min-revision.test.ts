import { expect, test } from 'vitest'
import { minRevisionOf } from './min-revision.ts'

test.each([
  [undefined, undefined],
  [null, undefined],
  ['0', 0],
  ['42', 42],
  ['999999999999999', 999_999_999_999_999],
  ['9999999999999999', null],
  ['', null],
  ['-1', null],
  ['1.5', null],
  ['1e3', null],
  ['1, 2', null],
])('minRevisionOf() reads %j as %j', (header, revision) => {
  expect(minRevisionOf(header)).toBe(revision)
})
