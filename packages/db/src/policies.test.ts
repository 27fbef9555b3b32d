import { newId } from '@letterlock/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Tx } from './connect.ts'
import * as policies from './policies.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'

const statements = new Set<string>()
const now = new Date('2026-11-22T09:30:00.000Z')

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase({ onQuery: (sql) => statements.add(sql) })
})
afterAll(() => database.drop())

const inTx = <T>(work: (tx: Tx) => Promise<T>) => database.db.transaction().execute(work)

test('lockPolicy() lets one change follow the other, also the first two', async () => {
  const workspaceId = newId('workspace')
  const seen = await Promise.all(['1d', '2d', '3d'].map((maxLifetime) => inTx(async (tx) => {
    const before = await policies.lockPolicy(tx, workspaceId, now)
    await policies.setPolicy(tx, workspaceId, { rules: { maxLifetime }, now })
    return before.maxLifetime ?? 'none'
  })))
  const { installation, workspace } = await policies.findPolicies(database.db, workspaceId)
  expect(installation).toEqual({})
  expect([...seen, workspace.maxLifetime].sort()).toEqual(['1d', '2d', '3d', 'none'])
})

test('listHoldersOfRole() answers none for a role without keys', async () => {
  expect(await inTx((tx) => policies.listHoldersOfRole(tx, newId('role')))).toEqual([])
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => /\bpolicies\b/.test(sql)).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/policies.sql')
})
