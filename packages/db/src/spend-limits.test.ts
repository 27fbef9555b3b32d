import { newId } from '@letterlock/contract'
import { afterAll, expect, test } from 'vitest'
import type { Tx } from './connect.ts'
import * as meters from './meters.ts'
import * as spendLimits from './spend-limits.ts'
import { createTestDatabase } from './testing.ts'
import { readUsage } from './usage.ts'
import * as workspaces from './workspaces.ts'

const { db, drop } = await createTestDatabase()
afterAll(drop)

const now = new Date('2028-02-29T23:59:59.999Z')
const until = new Date('2028-03-01T00:00:00.000Z')
const inTx = <T>(work: (tx: Tx) => Promise<T>) => db.transaction().execute(work)

async function createWorkspace(limits: readonly spendLimits.SpendLimit[]) {
  const [id, liveEnvironmentId, testEnvironmentId] = [newId('workspace'), newId('environment'), newId('environment')]
  await inTx(async (tx) => {
    await workspaces.insertWorkspace(tx, { id, liveEnvironmentId, testEnvironmentId, name: 'Acme', quotas: { 'emails.sent': 8 }, now })
    await spendLimits.setSpendCap(tx, id, { cap: { amount: 5, currency: 'EUR' }, now })
    await spendLimits.replaceSpendLimits(tx, { id, live_environment_id: liveEnvironmentId }, { limits, until })
  })
  const take = (meter: string, amount: number, at = now) => meters.takeQuota(db, liveEnvironmentId, { meter, amount, reference: newId('request'), now: at })
  return { id, environmentId: liveEnvironmentId, take, isListed: async (at = now) => (await spendLimits.listToSettle(db, { now: at, after: '', limit: 100 })).includes(id) }
}

test('takings are bound by the lower of quota and spend limit, and by the later limit from the end of the month on', async () => {
  const { environmentId, take } = await createWorkspace([{ meter: 'emails.sent', amount: 5, laterAmount: 10, used: 0 }, { meter: 'acme.calls', amount: null, laterAmount: 2, used: 0 }])
  expect(await take('emails.sent', 6)).toMatchObject({ ok: false, limit: 5 })
  expect(await take('emails.sent', 9, until)).toMatchObject({ ok: false, limit: 8 })
  expect(await take('acme.calls', 3)).toMatchObject({ ok: true })
  expect(await take('acme.calls', 3, until)).toMatchObject({ ok: false, limit: 2 })
  const limitsAt = async (now: Date) => (await readUsage(db, environmentId, { from: now, to: now, now })).meters.map(({ meter, limit }) => [meter, limit])
  expect(Object.fromEntries(await limitsAt(now))).toMatchObject({ 'emails.sent': 5 })
  expect(Object.fromEntries(await limitsAt(until))).toMatchObject({ 'emails.sent': 8 })
})

test('listToSettle() lists who used something, or whose month is over', async () => {
  const { id, take, isListed } = await createWorkspace([{ meter: 'emails.sent', amount: 5, laterAmount: 5, used: 0 }, { meter: 'contacts.stored', amount: 5, laterAmount: 5, used: 0 }])
  expect(await isListed()).toBe(false)
  expect(await isListed(until)).toBe(true)
  await take('contacts.stored', 1)
  expect(await isListed()).toBe(true)
  expect(await spendLimits.listToSettle(db, { now, after: id, limit: 100 })).not.toContain(id)
  await inTx((tx) => spendLimits.setSpendCap(tx, id, { cap: null, now }))
  expect(await isListed(until)).toBe(false)
})
