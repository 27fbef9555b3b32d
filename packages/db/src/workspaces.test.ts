import { newId } from '@letterlock/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from './testing.ts'
import * as workspaces from './workspaces.ts'

const statements = new Set<string>()
const now = new Date('2026-11-22T09:30:00.000Z')

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase({ onQuery: (sql) => statements.add(sql) })
})
afterAll(() => database.drop())

function newWorkspace() {
  return { id: newId('workspace'), name: 'Acme', liveEnvironmentId: newId('environment'), testEnvironmentId: newId('environment'), now }
}

async function createWorkspace(quotas?: Record<string, number>) {
  const workspace = newWorkspace()
  await database.db.transaction().execute((tx) => workspaces.insertWorkspace(tx, { ...workspace, ...(quotas && { quotas }) }))
  return workspace
}

test('claimFirstStart() is true for one of many at once on an empty database, and never again', async () => {
  const claims = await Promise.all(
    Array.from({ length: 5 }, () =>
      database.db.transaction().execute(async (tx) => {
        const claimed = await workspaces.claimFirstStart(tx)
        if (claimed) await workspaces.insertWorkspace(tx, newWorkspace())
        return claimed
      }),
    ),
  )
  expect(claims.filter(Boolean)).toHaveLength(1)
  expect(await database.db.transaction().execute((tx) => workspaces.claimFirstStart(tx))).toBe(false)
})

test('insertWorkspace() makes both environments and puts quotas on the live one', async () => {
  const { id, liveEnvironmentId, testEnvironmentId } = await createWorkspace({ 'emails.sent': 1_000 })
  expect(await workspaces.findWorkspace(database.db, id)).toEqual({
    id, name: 'Acme', status: 'active', plan_id: null, next_plan_id: null, next_plan_at: null, spend_cap: null, spend_currency: null, spend_until: null, features: [], rate_limits: [], created_at: now, updated_at: now,
    live_environment_id: liveEnvironmentId, test_environment_id: testEnvironmentId,
  })
  expect(await database.db.selectFrom('quotas').selectAll().where('environment_id', 'in', [liveEnvironmentId, testEnvironmentId]).execute()).toEqual([
    { environment_id: liveEnvironmentId, meter: 'emails.sent', amount: 1_000, origin: 'own', soft_amount: null },
  ])
})

test('findWorkspace() answers null for an unknown id', async () => {
  expect(await workspaces.findWorkspace(database.db, newId('workspace'))).toBeNull()
})

test('listWorkspaces() goes from new to old by the cursor', async () => {
  const [first, second, third] = [await createWorkspace(), await createWorkspace(), await createWorkspace()]
  const page = await workspaces.listWorkspaces(database.db, { limit: 1 })
  expect(page.map(({ id }) => id)).toEqual([third.id, second.id])
  const next = await workspaces.listWorkspaces(database.db, { limit: 1, before: second.id })
  expect(next[0]?.id).toBe(first.id)
})

test('setWorkspaceStatus() says whether it changed anything', async () => {
  const { id } = await createWorkspace()
  const suspend = () => database.db.transaction().execute((tx) => workspaces.setWorkspaceStatus(tx, id, { status: 'suspended', now }))
  expect([await suspend(), await suspend()]).toEqual([true, false])
  expect((await workspaces.findWorkspace(database.db, id))?.status).toBe('suspended')
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => /workspaces|insert/.test(sql)).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/workspaces.sql')
})
