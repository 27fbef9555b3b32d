import { expect, test } from 'vitest'
import { differences } from './differences.ts'

const current = { name: 'a', scopes: ['x', 'y'], limits: [{ name: 'n', burst: 1 }], end: null as string | null, note: undefined as string | undefined }

test('differences() names what is wanted otherwise, as it is and as it is wanted', () => {
  expect(differences(current, { name: 'b', scopes: ['x'], end: 'z' })).toEqual({
    before: { name: 'a', scopes: ['x', 'y'], end: null }, after: { name: 'b', scopes: ['x'], end: 'z' },
  })
})

test('differences() is null when all is as wanted, whatever is absent', () => {
  expect(differences(current, { name: 'a', scopes: ['x', 'y'], limits: [{ burst: 1, name: 'n' }], end: null, note: null })).toBeNull()
  expect(differences(current, { name: undefined })).toBeNull()
})
