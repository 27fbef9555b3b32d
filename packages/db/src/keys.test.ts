import { type KeyId, newId, type WorkspaceId } from '@letterlock/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listKeys } from './key-lists.ts'
import { moveToPepper } from './key-secrets.ts'
import { touchLastUsed } from './key-uses.ts'
import * as keys from './keys.ts'
import { listSecretVersions } from './secret-versions.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'
import * as workspaces from './workspaces.ts'

const statements = new Set<string>()
const now = new Date('2026-11-22T09:30:00.000Z')
const later = new Date('2026-11-22T09:31:00.000Z')
const digest = Buffer.alloc(32, 7)

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase({ onQuery: (sql) => statements.add(sql) })
})
afterAll(() => database.drop())

async function createWorkspace() {
  const workspace = {
    id: newId('workspace'),
    name: 'Acme',
    liveEnvironmentId: newId('environment'),
    testEnvironmentId: newId('environment'),
    now,
  }
  await database.db.transaction().execute((tx) => workspaces.insertWorkspace(tx, workspace))
  return workspace
}

function newKey(change: Partial<keys.NewKey> = {}): keys.NewKey {
  return {
    id: newId('key'),
    name: 'CI',
    purpose: null,
    scopes: ['contacts:read'],
    ipAllow: ['10.0.0.0/8'],
    rateLimits: [{ name: 'burst', limit: '100/10s', burst: 20 }],
    expiresAt: null,
    createdBy: 'key_x',
    now,
    secret: { digest, pepperVersion: 'v1' },
    ...change,
  }
}

async function createKey(change: Partial<keys.NewKey> = {}) {
  const workspace = await createWorkspace()
  const key = await database.db
    .transaction()
    .execute((tx) => keys.insertKey(tx, workspace.id, { ...newKey(change), mode: 'live', environmentId: workspace.liveEnvironmentId }))
  return { workspace, key }
}

describe('insertKey()', () => {
  test('answers the row as findKey() reads it', async () => {
    const { workspace, key } = await createKey()
    expect(key).toMatchObject({
      mode: 'live', status: 'active', workspace_id: workspace.id, environment_id: workspace.liveEnvironmentId,
      rate_limits: [{ name: 'burst', limit: '100/10s', burst: 20 }], ip_allow: ['10.0.0.0/8'], last_used_at: null,
    })
    expect(await keys.findKey(database.db, workspace.id, key.id)).toEqual(key)
  })

  test('selects no digest on any way but verification', async () => {
    const { workspace, key } = await createKey()
    const rows = [key, await keys.findKey(database.db, workspace.id, key.id), ...(await listKeys(database.db, workspace.id, { limit: 5, now })).rows, ...(await listSecretVersions(database.db, key.id, { limit: 5 }))]
    for (const row of rows) expect(Object.keys(row ?? {})).not.toContain('digest')
  })
})

describe('tenancy', () => {
  test('keys of another workspace and root keys are invisible and cannot be revoked', async () => {
    const { key } = await createKey()
    const { workspace: other } = await createKey()
    const root = await database.db.transaction().execute((tx) => keys.insertRootKey(tx, newKey()))
    for (const { id } of [key, root]) {
      expect(await keys.findKey(database.db, other.id, id)).toBeNull()
      const revoked = await database.db.transaction().execute((tx) => keys.revokeKey(tx, other.id, { id, reason: null, now }))
      expect(revoked).toBeNull()
      expect(await database.db.selectFrom('keys').select('status').where('id', '=', id).execute()).toEqual([{ status: 'active' }])
    }
    expect(await keys.findRootKey(database.db, key.id)).toBeNull()
    expect(await database.db.transaction().execute((tx) => keys.revokeRootKey(tx, { id: key.id, reason: null, now }))).toBeNull()
    expect((await listKeys(database.db, other.id, { limit: 10, now })).rows.map((row) => row.id)).not.toContain(key.id)
    expect((await keys.listRootKeys(database.db, { limit: 100 })).map((row) => row.id)).toEqual(expect.arrayContaining([root.id]))
  })
})

describe('lockRootKeyWriters()', () => {
  test('answers active root keys with rootKeys:write whose time is not over, by id', async () => {
    const add = (change: Partial<keys.NewKey>) => database.db.transaction().execute((tx) => keys.insertRootKey(tx, newKey({ scopes: ['rootKeys:write'], ...change })))
    const [first, second] = [await add({}), await add({ expiresAt: later })]
    const [gone, over] = [await add({}), await add({ expiresAt: now }), await add({ scopes: ['keys:write'] })]
    await database.db.transaction().execute((tx) => keys.revokeRootKey(tx, { id: gone.id, reason: null, now }))
    expect(over.expires_at).toEqual(now)
    const locked = await database.db.transaction().execute((tx) => keys.lockRootKeyWriters(tx, now))
    expect(locked.map(({ id }) => id)).toEqual([first.id, second.id].sort())
  })
})

describe('findWorkspaceOfKey()', () => {
  test('answers null for a root key and an unknown id', async () => {
    const { workspace, key } = await createKey()
    const root = await database.db.transaction().execute((tx) => keys.insertRootKey(tx, newKey()))
    const owners = await Promise.all([key.id, root.id, newId('key')].map((id) => keys.findWorkspaceOfKey(database.db, id)))
    expect(owners).toEqual([workspace.id, null, null])
  })
})

describe('revokeKey()', () => {
  test('lets exactly one of ten calls at once revoke, and keeps its reason', async () => {
    const { workspace, key } = await createKey()
    const calls = Array.from({ length: 10 }, (_, i) =>
      database.db.transaction().execute((tx) => keys.revokeKey(tx, workspace.id, { id: key.id, reason: `call ${i}`, now })),
    )
    const winners = (await Promise.all(calls)).filter((row) => row !== null)
    expect(winners).toHaveLength(1)
    const row = await keys.findKey(database.db, workspace.id, key.id)
    expect(row).toMatchObject({ status: 'revoked', revoked_at: now, revoked_reason: winners[0]?.revoked_reason })
  })
})

describe('updateKey()', () => {
  const update = (workspaceId: WorkspaceId, id: KeyId, change: keys.KeyChange) =>
    database.db.transaction().execute((tx) => keys.updateKey(tx, workspaceId, { id, change, now: later }))

  test('changes what is given, and nothing else', async () => {
    const { workspace, key } = await createKey()
    expect(await update(workspace.id, key.id, { name: 'New', status: 'disabled' })).toEqual({ ...key, name: 'New', status: 'disabled', updated_at: later })
    const all = { purpose: 'p', scopes: ['lists:read'], ipAllow: [], rateLimits: [], expiresAt: later, roleId: null }
    expect(await update(workspace.id, key.id, all)).toMatchObject({ name: 'New', purpose: 'p', scopes: ['lists:read'], ip_allow: [], rate_limits: [], expires_at: later })
    expect(await keys.findKey(database.db, workspace.id, key.id)).toMatchObject({ name: 'New', purpose: 'p' })
  })

  test('answers null for a key of another workspace and a revoked key, and changes neither', async () => {
    const { workspace, key } = await createKey()
    const { workspace: other } = await createKey()
    expect(await update(other.id, key.id, { status: 'disabled' })).toBeNull()
    await database.db.transaction().execute((tx) => keys.revokeKey(tx, workspace.id, { id: key.id, reason: null, now }))
    expect(await update(workspace.id, key.id, { status: 'active' })).toBeNull()
    expect((await keys.findKey(database.db, workspace.id, key.id))?.status).toBe('revoked')
  })
})

describe('moveToPepper()', () => {
  test('stores the new digest once; a second node changes nothing', async () => {
    const { key } = await createKey()
    const move = { secretVersion: 1, oldPepperVersion: 'v1', newPepperVersion: 'v2', digest: Buffer.alloc(32, 9) }
    expect(await moveToPepper(database.db, key.id, move)).toBe(true)
    expect(await moveToPepper(database.db, key.id, move)).toBe(false)
    const stored = await database.db.selectFrom('key_secrets').selectAll().where('key_id', '=', key.id).execute()
    expect(stored).toMatchObject([{ version: 1, pepper_version: 'v2', digest: Buffer.alloc(32, 9) }])
  })
})

describe('touchLastUsed()', () => {
  test('moves forward only, in batches that cross each other', async () => {
    const [a, b] = [await createKey(), await createKey()]
    const batch = [{ keyId: a.key.id, at: now }, { keyId: b.key.id, at: later }, { keyId: a.key.id, at: later }]
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => touchLastUsed(database.db, i % 2 ? batch : batch.toReversed())),
    )
    await touchLastUsed(database.db, [{ keyId: a.key.id, at: now }])
    await touchLastUsed(database.db, [])
    for (const { workspace, key } of [a, b]) {
      expect((await keys.findKey(database.db, workspace.id, key.id))?.last_used_at).toEqual(later)
    }
  })
})

describe('markExposed()', () => {
  test('notes the first time only', async () => {
    const { workspace, key } = await createKey()
    expect(await keys.markExposed(database.db, key.id, now)).toBe(true)
    expect(await keys.markExposed(database.db, key.id, later)).toBe(false)
    expect(await keys.markExposed(database.db, newId('key'), later)).toBe(false)
    expect((await keys.findKey(database.db, workspace.id, key.id))?.exposed_at).toEqual(now)
  })
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => /\bkeys\b|key_secrets/.test(sql)).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/keys.sql')
})
