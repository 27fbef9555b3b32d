import { newId } from '@letterlock/contract'
import { afterAll, expect, test } from 'vitest'
import * as keyHabits from './key-habits.ts'
import { createTestDatabase } from './testing.ts'
import * as usage from './usage.ts'
import * as workspaces from './workspaces.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ max: 4, onQuery: (sql) => statements.add(sql) })
afterAll(drop)

const now = new Date('2026-11-27T08:00:00.000Z')
await usage.createPartitionsAhead(db, now)

test('readWindows() sums the uses of each key and address by window, of all workspaces, in order', async () => {
  const [workspaceId, environmentId, keyId] = [newId('workspace'), newId('environment'), newId('key')]
  await db.transaction().execute((tx) => workspaces.insertWorkspace(tx, { id: workspaceId, name: 'Acme', liveEnvironmentId: environmentId, testEnvironmentId: newId('environment'), now }))
  const use = (ms: number, outcome: string, operation: string) => ({ environmentId, keyId, operation, outcome, minute: new Date(now.getTime() + Math.floor(ms / 60_000) * 60_000), requests: 1, dropped: 0, ms })
  const uses = [use(1, 'ok', 'lists.list'), use(599_999, 'insufficient_scope', 'lists.create'), use(500_000, 'insufficient_scope', 'lists.delete'), use(600_000, 'ok', 'lists.list'), use(1_200_000, 'ok', 'lists.list')]
  const counts = uses.map(({ ms: _, ...count }) => count)
  const records = {
    counts, times: uses.map(({ ms }) => now.getTime() + ms), requestIds: uses.map(() => newId('request')), secretVersions: uses.map(() => 1),
    statuses: uses.map(() => 200), durationsUs: uses.map(() => 5), ips: uses.map(() => '192.0.2.7'), userAgents: uses.map(() => null),
  }
  await db.transaction().execute((tx) => usage.saveUsageBatch(tx, { batchId: newId('request'), counts, records: [records], attempts: [], lastUses: [], now }))
  const found = await db.transaction().execute((tx) => keyHabits.readWindows(tx, { from: now, to: new Date(now.getTime() + 1_200_000), seconds: 600 }))
  expect(found).toEqual([
    { window: now, workspaceId, keyId, ip: '192.0.2.7', requests: 3, refused: 2, refusedOperations: ['lists.create', 'lists.delete'] },
    { window: new Date(now.getTime() + 600_000), workspaceId, keyId, ip: '192.0.2.7', requests: 1, refused: 0, refusedOperations: null },
  ])
})

test('lockProgress() lets one go on at a time, from where it was left', async () => {
  const first = new Date(now.getTime() - 1_000)
  const lock = (tx: Parameters<typeof keyHabits.lockProgress>[0]) => keyHabits.lockProgress(tx, { first, now })
  expect(await db.transaction().execute(lock)).toEqual({ through: first, startedAt: now })
  await db.transaction().execute(async (tx) => {
    expect(await lock(tx)).toEqual({ through: first, startedAt: now })
    expect(await db.transaction().execute(lock)).toBeNull()
    await keyHabits.setProgress(tx, now)
  })
  expect(await db.transaction().execute(lock)).toEqual({ through: now, startedAt: now })
})

test('saveHabits() keeps the last of each key', async () => {
  const [one, other] = [newId('key'), newId('key')]
  await db.transaction().execute(async (tx) => {
    await keyHabits.saveHabits(tx, new Map(), now)
    await keyHabits.saveHabits(tx, new Map([[one, { a: 1 }], [other, { a: 2 }]]), now)
    await keyHabits.saveHabits(tx, new Map([[one, { a: 3 }]]), now)
    expect(await keyHabits.findHabits(tx, [one, other, newId('key')])).toEqual(new Map([[one, { a: 3 }], [other, { a: 2 }]]))
  })
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => /key_habits|unusual_use|as window/.test(sql)).map((sql) => sql.replace(/\s+/g, ' ').trim()).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/key-habits.sql')
})
