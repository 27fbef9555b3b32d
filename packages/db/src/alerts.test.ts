import { newId } from '@letterlock/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as alerts from './alerts.ts'
import type { Tx } from './connect.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'
import * as workspaces from './workspaces.ts'

const statements = new Set<string>()
const now = new Date('2026-11-22T09:30:00.000Z')

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase({ onQuery: (sql) => statements.add(sql) })
})
afterAll(() => database.drop())

const inTx = <T>(work: (tx: Tx) => Promise<T>) => database.db.transaction().execute(work)

async function createWorkspace() {
  const id = newId('workspace')
  const environments = { liveEnvironmentId: newId('environment'), testEnvironmentId: newId('environment') }
  await inTx((tx) => workspaces.insertWorkspace(tx, { id, name: 'Acme', ...environments, now }))
  return id
}

const alert = { kind: 'key.expiring', subject: 'key_a', occasion: '30d', detail: { daysLeft: 30 }, now }

test('raiseAlert() raises the same alert once, whoever else does at the same time', async () => {
  const [workspaceId, other] = [await createWorkspace(), await createWorkspace()]
  const raised = await Promise.all(Array.from({ length: 8 }, () => inTx((tx) => alerts.raiseAlert(tx, workspaceId, alert))))
  expect(raised.filter(Boolean)).toHaveLength(1)
  for (const change of [{ occasion: '7d' }, { subject: 'key_b' }, { kind: 'key.unused' }]) {
    expect(await inTx((tx) => alerts.raiseAlert(tx, workspaceId, { ...alert, ...change }))).toBe(true)
  }
  expect(await inTx((tx) => alerts.raiseAlert(tx, other, alert))).toBe(true)
})

test('listAlerts() goes from new to old, filtered, within the workspace', async () => {
  const [workspaceId, other] = [await createWorkspace(), await createWorkspace()]
  for (const owner of [workspaceId, other]) {
    for (const occasion of ['30d', '7d', '1d']) await inTx((tx) => alerts.raiseAlert(tx, owner, { ...alert, occasion }))
    await inTx((tx) => alerts.raiseAlert(tx, owner, { ...alert, kind: 'key.unused', subject: 'key_b' }))
  }
  const list = async (search: Partial<alerts.AlertSearch> = {}) =>
    (await alerts.listAlerts(database.db, workspaceId, { limit: 10, ...search })).map(({ kind, occasion }) => `${kind} ${occasion}`)
  expect(await list()).toEqual(['key.unused 30d', 'key.expiring 1d', 'key.expiring 7d', 'key.expiring 30d'])
  const [newest] = await alerts.listAlerts(database.db, workspaceId, { limit: 1 })
  if (!newest) throw new Error('no alert')
  expect(await list({ limit: 1, before: newest.id })).toEqual(['key.expiring 1d', 'key.expiring 7d'])
  expect(await list({ kind: 'key.unused' })).toEqual(['key.unused 30d'])
  expect(await list({ subject: 'key_a' })).toHaveLength(3)
  await inTx(async (tx) => {
    const locked = await alerts.lockAlert(tx, newest.id)
    expect(locked).toEqual(newest)
    await alerts.acknowledgeAlert(tx, workspaceId, { id: newest.id, by: 'key_root', now })
  })
  expect(await list({ isAcknowledged: true })).toEqual(['key.unused 30d'])
  expect(await list({ isAcknowledged: false })).toHaveLength(3)
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => /"alerts"/.test(sql)).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/alerts.sql')
})
