import { newId } from '@letterlock/contract'
import { randomBytes } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import * as keys from './keys.ts'
import * as leaks from './leaks.ts'
import { createTestDatabase } from './testing.ts'
import * as workspaces from './workspaces.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ onQuery: (sql) => statements.add(sql) })
afterAll(drop)

const now = new Date('2026-11-27T08:00:00.000Z')

async function createKey() {
  const [workspaceId, environmentId, keyId] = [newId('workspace'), newId('environment'), newId('key')]
  const facts = { name: 'CI', purpose: null, scopes: [], ipAllow: [], rateLimits: [], expiresAt: null, createdBy: null, now }
  await db.transaction().execute(async (tx) => {
    await workspaces.insertWorkspace(tx, { id: workspaceId, name: 'Acme', liveEnvironmentId: environmentId, testEnvironmentId: newId('environment'), now })
    await keys.insertKey(tx, workspaceId, { id: keyId, ...facts, mode: 'live', environmentId, secret: { digest: randomBytes(32), pepperVersion: 'v1' } })
  })
  return { workspaceId, keyId }
}

test('isKnownLeak() knows a place by key, secret, source and address, within the workspace', async () => {
  const { workspaceId, keyId } = await createKey()
  const found = { keyId, secretVersion: 1, source: 'github', kind: 'commit', url: null, reporterIp: null } as const
  const isKnown = (change: Partial<leaks.FoundSecret> = {}, owner: typeof workspaceId | null = workspaceId) =>
    db.transaction().execute((tx) => leaks.isKnownLeak(tx, owner, { ...found, ...change }))
  expect(await isKnown()).toBe(false)
  const row = await db.transaction().execute((tx) => leaks.insertLeak(tx, workspaceId, { ...found, response: 'revoked', now }))
  expect(row).toMatchObject({ workspace_id: workspaceId, key_id: keyId, response: 'revoked', found_at: now })
  expect(await Promise.all([isKnown(), isKnown({ kind: 'content' })])).toEqual([true, true])
  const others = [isKnown({ url: 'https://a.example' }), isKnown({ source: 'report' }), isKnown({ secretVersion: 2 }), isKnown({}, null), isKnown({}, newId('workspace'))]
  expect(await Promise.all(others)).toEqual([false, false, false, false, false])
  expect(await leaks.listLeaks(db, workspaceId, { limit: 1, keyId, before: 'leak_z' })).toEqual([row])
  expect(await leaks.listLeaks(db, null, { limit: 1 })).toEqual([])
})

test('noteMessage() makes a message known until it is deleted by age', async () => {
  const digest = randomBytes(32)
  expect(await leaks.isKnownMessage(db, digest)).toBe(false)
  for (let turn = 0; turn < 2; turn++) await leaks.noteMessage(db, digest, now)
  await leaks.deleteOldMessages(db, now)
  expect(await leaks.isKnownMessage(db, digest)).toBe(true)
  await leaks.deleteOldMessages(db, new Date(now.getTime() + 1))
  expect(await leaks.isKnownMessage(db, digest)).toBe(false)
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => /leaks|leak_messages/.test(sql)).map((sql) => sql.replace(/\s+/g, ' ').trim()).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/leaks.sql')
})
