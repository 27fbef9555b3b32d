import { newId } from '@letterlock/contract'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as alerts from './alerts.ts'
import type { Tx } from './connect.ts'
import * as meters from './meters.ts'
import * as quotaCrossings from './quota-crossings.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'
import * as workspaces from './workspaces.ts'

const statements = new Set<string>()
const now = new Date('2024-02-29T23:59:59.999Z')
const next = new Date('2024-03-01T00:00:00.000Z')

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase({ onQuery: (sql) => statements.add(sql) })
})
afterAll(() => database.drop())

const inTx = <T>(work: (tx: Tx) => Promise<T>) => database.db.transaction().execute(work)

async function createWorkspace(quotas: Record<string, number>) {
  const ids = { id: newId('workspace'), liveEnvironmentId: newId('environment'), testEnvironmentId: newId('environment') }
  await inTx((tx) => workspaces.insertWorkspace(tx, { ...ids, name: 'Acme', quotas, now }))
  const take = (meter: 'emails.sent' | 'contacts.stored', amount: number, at = now) =>
    inTx((tx) => meters.takeMeter(tx, ids.liveEnvironmentId, { meter, amount, reference: newId('request'), now: at }))
  const crossings = async (at = now, since = at) =>
    (await quotaCrossings.listCrossings(database.db, { since, now: at, limit: 100 })).filter(({ workspaceId }) => workspaceId === ids.id)
  return { ...ids, take, crossings, said: async (at?: Date, since?: Date) => (await crossings(at, since)).map((each) => `${each.meter} ${quotaCrossings.occasionOf(each)}`) }
}

test('listCrossings() answers each threshold that is reached, to the unit', async () => {
  const { take, said } = await createWorkspace({ 'emails.sent': 201 })
  await take('emails.sent', 100)
  expect(await said()).toEqual([])
  await take('emails.sent', 1)
  expect(await said()).toEqual(['emails.sent 2024-02:50:201'])
  await take('emails.sent', 59)
  expect(await said()).toHaveLength(1)
  await take('emails.sent', 1)
  expect(await said()).toHaveLength(2)
  await take('emails.sent', 40)
  expect(await said()).toEqual(['emails.sent 2024-02:50:201', 'emails.sent 2024-02:80:201', 'emails.sent 2024-02:100:201'])
})

test('listCrossings() looks at the period of `since` and at the running one, and at levels in every month', async () => {
  const { take, said } = await createWorkspace({ 'emails.sent': 10, 'contacts.stored': 10 })
  await take('emails.sent', 5)
  await take('contacts.stored', 5)
  expect(await said(next, now)).toEqual(['contacts.stored 2024-03:50:10', 'emails.sent 2024-02:50:10'])
  expect(await said(next)).toEqual(['contacts.stored 2024-03:50:10'])
})

test('listCrossings() leaves out what was raised, until the quota is another', async () => {
  const { id, liveEnvironmentId, take, crossings, said } = await createWorkspace({ 'emails.sent': 10 })
  await take('emails.sent', 8)
  for (const crossing of await crossings()) {
    const alert = { kind: 'quota.threshold', subject: crossing.meter, occasion: quotaCrossings.occasionOf(crossing), detail: {}, now }
    await inTx((tx) => alerts.raiseAlert(tx, id, alert))
  }
  expect(await said()).toEqual([])
  await sql`update quotas set amount = 9, soft_amount = 16 where environment_id = ${liveEnvironmentId}`.execute(database.db)
  expect((await crossings()).map(({ percent, quota, isSoft }) => [percent, quota, isSoft])).toEqual([[50, 9, false], [80, 9, false], [50, 16, true]])
})

test('listCrossings() says nothing of a quota of nothing that is kept', async () => {
  const { take, said } = await createWorkspace({ 'emails.sent': 0 })
  await take('emails.sent', 1)
  expect(await said()).toEqual([])
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => /\brunning\b/.test(sql)).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/quota-crossings.sql')
})
