import { newId } from '@letterlock/contract'
import { afterAll, expect, test } from 'vitest'
import * as canaries from './canaries.ts'
import { createTestDatabase } from './testing.ts'
import * as workspaces from './workspaces.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ max: 8, onQuery: (sql) => statements.add(sql) })
afterAll(drop)

const now = new Date('2026-11-27T08:00:00.000Z')
const later = new Date(now.getTime() + 1_000)

test('noteUse() counts every use of a canary that is not revoked, keeps the first and the latest, and knows no other id', async () => {
  const [workspaceId, id] = [newId('workspace'), newId('key')]
  await db.transaction().execute(async (tx) => {
    await workspaces.insertWorkspace(tx, { id: workspaceId, name: 'Acme', liveEnvironmentId: newId('environment'), testEnvironmentId: newId('environment'), now })
    await canaries.insertCanary(tx, workspaceId, { id, name: 'Bait', place: null, createdBy: 'key_root', now })
  })
  const note = (of: string, at: Date) => db.transaction().execute((tx) => canaries.noteUse(tx, of, { ip: '192.0.2.1', userAgent: 'curl/8', at }))
  expect(await note(newId('key'), now)).toBeNull()
  await Promise.all(Array.from({ length: 8 }, () => note(id, later)))
  expect(await note(id, now)).toMatchObject({ uses: 9, first_used_at: later, last_used_at: later, last_used_ip: '192.0.2.1', last_user_agent: 'curl/8' })
  const [listed] = await canaries.listCanaries(db, workspaceId, { limit: 1, before: 'key_z' })
  await db.transaction().execute(async (tx) => {
    expect(await canaries.lockCanary(tx, id)).toEqual(listed)
    await expect(canaries.revokeCanary(tx, newId('workspace'), { id, now })).rejects.toThrow('no result')
  })
  await db.transaction().execute((tx) => canaries.revokeCanary(tx, workspaceId, { id, now }))
  expect(await note(id, later)).toBeNull()
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => sql.includes('canaries')).map((sql) => sql.replace(/\s+/g, ' ').trim()).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/canaries.sql')
})
