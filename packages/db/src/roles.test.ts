import { newId, type RoleId, type WorkspaceId } from '@letterlock/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Tx } from './connect.ts'
import * as keys from './keys.ts'
import * as roles from './roles.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'
import * as workspaces from './workspaces.ts'

const statements = new Set<string>()
const now = new Date('2026-11-22T09:30:00.000Z')
const later = new Date('2026-11-22T09:31:00.000Z')

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase({ onQuery: (sql) => statements.add(sql) })
})
afterAll(() => database.drop())

const inTx = <T>(work: (tx: Tx) => Promise<T>) => database.db.transaction().execute(work)

async function createWorkspace() {
  const ids = { id: newId('workspace'), liveEnvironmentId: newId('environment'), testEnvironmentId: newId('environment') }
  await inTx((tx) => workspaces.insertWorkspace(tx, { ...ids, name: 'Acme', now }))
  return ids
}

async function createRole(workspaceId: WorkspaceId | null, name: string = newId('role')) {
  const row = await inTx((tx) => roles.insertRole(tx, workspaceId, { id: newId('role'), name, scopes: ['lists:read'], now }))
  if (!row) throw new Error('taken')
  return row
}

function createKey(workspace: Awaited<ReturnType<typeof createWorkspace>>, roleId: RoleId) {
  const secret = { digest: Buffer.alloc(32, 7), pepperVersion: 'v1' }
  const facts = { name: 'CI', purpose: null, scopes: [], ipAllow: [], rateLimits: [], expiresAt: null, createdBy: null, now, secret }
  const owner = { mode: 'live' as const, environmentId: workspace.liveEnvironmentId, roleId }
  return inTx((tx) => keys.insertKey(tx, workspace.id, { id: newId('key'), ...facts, ...owner }))
}

test('insertRole() answers null when the name is taken, for each owner apart', async () => {
  const { id } = await createWorkspace()
  for (const owner of [id, null]) {
    const first = await createRole(owner, 'Reader')
    expect(await inTx((tx) => roles.insertRole(tx, owner, { id: newId('role'), name: 'Reader', scopes: [], now }))).toBeNull()
    expect(await roles.findRoleByName(database.db, owner, 'Reader')).toEqual(first)
  }
  expect(await roles.findRoleByName(database.db, (await createWorkspace()).id, 'Reader')).toBeNull()
})

test('lockRoleForKeys() finds roles of the workspace and of the installation alone', async () => {
  const [a, b] = [await createWorkspace(), await createWorkspace()]
  const [own, foreign, shared] = [await createRole(a.id), await createRole(b.id), await createRole(null)]
  const found = await inTx((tx) => Promise.all([own, foreign, shared].map(({ id }) => roles.lockRoleForKeys(tx, a.id, id))))
  expect(found).toEqual([own, null, shared])
})

test('updateRole() changes what is given, or says that the name is taken', async () => {
  const { id: workspaceId } = await createWorkspace()
  const [first, second] = [await createRole(workspaceId), await createRole(workspaceId)]
  expect(await inTx((tx) => roles.updateRole(tx, first.id, { scopes: [], now: later }))).toEqual({ ...first, scopes: [], updated_at: later })
  await expect(inTx(async (tx) => {
    expect(await roles.updateRole(tx, first.id, { name: second.name, now })).toBe('taken')
    throw new Error('rolled back')
  })).rejects.toThrow('rolled back')
  expect(await inTx((tx) => roles.lockRole(tx, first.id))).toMatchObject({ name: first.name, scopes: [] })
})

describe('a role with keys', () => {
  test('is counted, taken from its keys alone, and deleted', async () => {
    const workspace = await createWorkspace()
    const [role, other] = [await createRole(workspace.id), await createRole(null)]
    const had = [await createKey(workspace, role.id), await createKey(workspace, role.id)]
    const kept = await createKey(workspace, other.id)
    expect(had[0]?.role_scopes).toEqual(['lists:read'])
    expect(await inTx((tx) => roles.countKeysOfRole(tx, role.id))).toBe(2)
    await expect(inTx((tx) => roles.deleteRole(tx, role.id))).rejects.toThrow(/foreign key/)
    const taken = await inTx((tx) => roles.takeRoleFromKeys(tx, role.id, later))
    expect(taken.map(({ id }) => id).sort()).toEqual(had.map(({ id }) => id).sort())
    await inTx((tx) => roles.deleteRole(tx, role.id))
    expect(await inTx((tx) => roles.lockRole(tx, role.id))).toBeNull()
    expect(await keys.findKey(database.db, workspace.id, had[0]?.id ?? kept.id)).toMatchObject({ role_id: null, role_scopes: null, updated_at: later })
    expect(await keys.findKey(database.db, workspace.id, kept.id)).toEqual(kept)
  })
})

test('lists go from new to old by the cursor; for keys of a workspace over its own and shared ones', async () => {
  const [a, b] = [await createWorkspace(), await createWorkspace()]
  const made = []
  for (const owner of [a.id, null, b.id, a.id, null]) made.unshift(await createRole(owner))
  expect((await roles.listRoles(database.db, { limit: 3 }))).toEqual(made.slice(0, 4))
  const mine = made.filter((role) => role.workspace_id !== b.id)
  const page = await roles.listRolesForKeys(database.db, a.id, { limit: 2 })
  expect(page).toEqual(mine.slice(0, 3))
  expect((await roles.listRolesForKeys(database.db, a.id, { limit: 2, before: page[1]?.id }))[0]).toEqual(mine[2])
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => /\broles\b/.test(sql) && !/insert into "(keys|workspaces)"/.test(sql)).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/roles.sql')
})
