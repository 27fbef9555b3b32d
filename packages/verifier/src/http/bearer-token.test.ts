import { expect, test } from 'vitest'
import { bearerToken } from './bearer-token.ts'

test.each([
  ['Bearer abc', 'abc'],
  ['bearer abc', 'abc'],
  ['BEARER    abc  ', 'abc'],
  ['Bearer abc\t', 'abc'],
  ['Bearer a b', 'a b'],
  ['Bearer', null],
  ['Bearer ', null],
  ['Bearer   ', null],
  ['Bearerabc', null],
  ['Basic abc', null],
  ['', null],
  [undefined, null],
  [null, null],
])('bearerToken() reads %j as %j', (header, token) => {
  expect(bearerToken(header)).toBe(token)
})
