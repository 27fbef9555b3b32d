import { expect, test } from 'vitest'
import { type Migration, readMigrations } from '../src/migrate.ts'
import { compareHashes, hashesOf, readHashes } from './hash-migrations.ts'

const migrations = readMigrations()

test('migrations/hashes.json fits the files: a merged migration never changes', () => {
  expect(migrations.length).toBeGreaterThan(0)
  expect(compareHashes(readHashes(), migrations)).toEqual([])
})

const first: Migration = { version: 1, name: 'first', sha256: 'a', sql: '' }
const second: Migration = { version: 2, name: 'second', sha256: 'b', sql: '' }
const list = hashesOf([first, second])

test('compareHashes() names a migration that was changed', () => {
  const problems = compareHashes(list, [first, { ...second, sha256: 'c' }])
  expect(problems).toEqual([expect.stringMatching(/^0002_second was changed/)])
})

test('compareHashes() names a migration without an entry', () => {
  const problems = compareHashes(hashesOf([first]), [first, second])
  expect(problems).toEqual([expect.stringMatching(/^0002_second has no entry/)])
})

test('compareHashes() names an entry without a file', () => {
  expect(compareHashes(list, [first])).toEqual([expect.stringMatching(/^0002_second is in the list/)])
})
