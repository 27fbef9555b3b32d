import { newId, type PlanId } from '@letterlock/contract'
import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import type { Tx } from './connect.ts'
import { holdTakings } from './hold-takings.ts'
import * as meters from './meters.ts'
import * as planSpans from './plan-spans.ts'
import * as plans from './plans.ts'
import { createTestDatabase } from './testing.ts'
import * as workspaces from './workspaces.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ max: 20, onQuery: (text) => statements.add(text) })
afterAll(drop)

const now = new Date('2026-11-30T23:59:59.999Z')
const inTx = <T>(work: (tx: Tx) => Promise<T>) => db.transaction().execute(work)
const terms = { rateLimits: [], price: { amount: 0, currency: 'USD' }, included: {}, overage: {}, softQuotas: {}, features: [] }

async function createPlan(quotas: plans.Quotas): Promise<PlanId> {
  const id = newId('plan')
  await inTx((tx) => plans.insertPlan(tx, { ...terms, id, name: id, quotas, now }))
  return id
}

async function createWorkspace(planId: PlanId | null) {
  const [id, liveEnvironmentId, testEnvironmentId] = [newId('workspace'), newId('environment'), newId('environment')]
  await inTx((tx) => workspaces.insertWorkspace(tx, { id, liveEnvironmentId, testEnvironmentId, name: 'Acme', now }))
  const put = async (tx: Tx, to: PlanId | null) => {
    await workspaces.lockWorkspace(tx, id)
    await planSpans.putOnPlan(tx, id, { planId: to, at: now, now })
    await plans.settleQuotas(tx, [id], now)
  }
  await inTx((tx) => put(tx, planId))
  const take = (amount: number, reference: string = newId('request')) => meters.takeQuota(db, liveEnvironmentId, { meter: 'emails.sent', amount, reference, now })
  return { id, environmentId: liveEnvironmentId, put, take, used: (on: Tx | typeof db) => meters.findUsed(on, liveEnvironmentId, { meter: 'emails.sent', now }) }
}

/** Ends when another session waits for a lock, or when `done` is done without having waited. */
async function untilItWaits(done: Promise<unknown>): Promise<void> {
  let isDone = false
  void done.finally(() => void (isDone = true)).catch(() => undefined)
  for (;;) {
    const { rows: [row] } = await sql<{ waiting: boolean }>`
      select exists (
        select from pg_locks join pg_stat_activity using (pid) where not granted and datname = current_database()
      ) as waiting
    `.execute(db)
    if (isDone || row?.waiting) return
  }
}

test.each([
  { meets: 'a quota that is lowered', before: { 'emails.sent': 100 }, after: { 'emails.sent': 5 }, expected: { ok: false, limit: 5, used: 0 } },
  { meets: 'a quota that comes', before: {}, after: { 'emails.sent': 5 }, expected: { ok: false, limit: 5, used: 0 } },
  { meets: 'a quota that goes', before: { 'emails.sent': 100 }, after: {}, expected: { ok: true, used: 10 } },
  { meets: 'a quota that is raised, and is refused at once,', before: { 'emails.sent': 5 }, after: { 'emails.sent': 100 }, expected: { ok: false, limit: 5, used: 0 } },
])('a taking that meets $meets is bound by what is committed before it', async ({ before, after, expected }) => {
  const { put, take } = await createWorkspace(await createPlan({ ...before }))
  const next = await createPlan({ ...after })
  let taking: ReturnType<typeof take> | undefined
  await inTx(async (tx) => {
    await put(tx, next)
    taking = take(10)
    await untilItWaits(taking)
  })
  expect(await taking).toMatchObject(expected)
})

test('takeUpTo() that meets a quota which is lowered takes what is left of the new one', async () => {
  const { put, take, environmentId } = await createWorkspace(await createPlan({ 'emails.sent': 100 }))
  await take(3)
  const next = await createPlan({ 'emails.sent': 5 })
  let taking: Promise<number> | undefined
  await inTx(async (tx) => {
    await put(tx, next)
    taking = inTx((other) => meters.takeUpTo(other, environmentId, { meter: 'emails.sent', amount: 50, reference: 'a', now }))
    await untilItWaits(taking)
  })
  expect(await taking).toBe(2)
})

test('lockMeter() that meets a quota which is lowered tells the new one', async () => {
  const { put, take, environmentId } = await createWorkspace(await createPlan({ 'emails.sent': 100 }))
  await take(3)
  const next = await createPlan({ 'emails.sent': 5 })
  let locking: Promise<unknown> | undefined
  await inTx(async (tx) => {
    await put(tx, next)
    locking = inTx((other) => meters.lockMeter(other, environmentId, { meter: 'emails.sent', now }))
    await untilItWaits(locking)
  })
  expect(await locking).toEqual({ used: 3, limit: 5 })
})

test('a change of quotas waits for a taking that is under way, and comes after it', async () => {
  const { id, put, take, environmentId, used } = await createWorkspace(await createPlan({ 'emails.sent': 100 }))
  const next = await createPlan({ 'emails.sent': 5 })
  let change: Promise<number> | undefined
  await inTx(async (tx) => {
    expect(await meters.takeMeter(tx, environmentId, { meter: 'emails.sent', amount: 60, reference: 'a', now })).toEqual({ ok: true, used: 60 })
    change = inTx(async (other) => {
      await put(other, next)
      return used(other)
    })
    await untilItWaits(change)
  })
  expect(await change).toBe(60)
  expect(await take(1)).toMatchObject({ ok: false, limit: 5, used: 60 })
  expect(await workspaces.listQuotas(db, id)).toMatchObject([{ meter: 'emails.sent', amount: 5 }])
})

test('of 8 takers at a plan that narrows, nobody who commits after it has more than its quota', async () => {
  const [wide, narrow] = [await createPlan({ 'emails.sent': 1_000 }), await createPlan({ 'emails.sent': 30 })]
  for (let round = 0; round < 10; round++) {
    const { put, take, used } = await createWorkspace(wide)
    let usedAtChange = Infinity
    const takers = Array.from({ length: 8 }, async () => {
      while ((await take(1)).ok);
    })
    await inTx(async (tx) => {
      while ((await used(tx)) <= round * 6);
      await put(tx, narrow)
      usedAtChange = await used(tx)
    })
    await Promise.all(takers)
    expect(await used(db)).toBe(Math.max(usedAtChange, 30))
  }
}, 60_000)

test('own quotas that are set hold the takings of their meters too', async () => {
  const { id, take } = await createWorkspace(null)
  let taking: ReturnType<typeof take> | undefined
  await inTx(async (tx) => {
    await workspaces.lockWorkspace(tx, id)
    await workspaces.replaceOwnQuotas(tx, id, { quotas: { 'emails.sent': 5 }, now })
    taking = take(10)
    await untilItWaits(taking)
  })
  expect(await taking).toMatchObject({ ok: false, limit: 5 })
})

test('holdTakings() locks balances of the running month and of levels, in live environments alone, and leaves what they say', async () => {
  const { id, environmentId } = await createWorkspace(await createPlan({ 'contacts.stored': 3 }))
  const december = new Date('2026-12-01T00:00:00.000Z')
  await inTx(async (tx) => {
    await meters.takeMeter(tx, environmentId, { meter: 'contacts.stored', amount: 2, reference: 'a', now })
    await holdTakings(tx, [id], { meters: ['emails.sent'], now: december })
  })
  const rows = await db.selectFrom('meter_balances').innerJoin('environments', 'id', 'environment_id').select(['mode', 'meter', 'period_start', 'used'])
    .where('workspace_id', '=', id).orderBy('meter').execute()
  expect(rows).toEqual([
    { mode: 'live', meter: 'contacts.stored', period_start: new Date(0), used: 2 }, { mode: 'live', meter: 'emails.sent', period_start: december, used: 0 },
  ])
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((text) => text.includes('named (meter)')).map((text) => text.replace(/\s+/g, ' ').trim()).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/hold-takings.sql')
})
