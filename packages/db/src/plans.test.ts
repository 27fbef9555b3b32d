import { newId } from '@letterlock/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Tx } from './connect.ts'
import * as planSpans from './plan-spans.ts'
import * as plans from './plans.ts'
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

async function createWorkspace(quotas: Record<string, number> = {}) {
  const id = newId('workspace')
  const environments = { liveEnvironmentId: newId('environment'), testEnvironmentId: newId('environment') }
  await inTx((tx) => workspaces.insertWorkspace(tx, { id, ...environments, name: 'Acme', quotas, now }))
  return id
}

const free = { rateLimits: [], price: { amount: 0, currency: 'USD' }, included: {}, overage: {}, quotas: {}, softQuotas: {}, features: [] }

async function createPlan(quotas: plans.Quotas, softQuotas: plans.Quotas = {}) {
  const id = newId('plan')
  const row = await inTx((tx) => plans.insertPlan(tx, { ...free, id, name: id, rateLimits: [{ name: 'a', limit: '5/1s' }], quotas, softQuotas, now }))
  if (!row) throw new Error('taken')
  return row
}

type Id = Awaited<ReturnType<typeof createWorkspace>>

function assign(workspaceId: Id, planId: plans.PlanRow['id'] | null) {
  return inTx(async (tx) => {
    await planSpans.putOnPlan(tx, workspaceId, { planId, at: later, now: later })
    await plans.settleQuotas(tx, [workspaceId], later)
  })
}

async function quotasOf(workspaceId: Id) {
  const rows = await workspaces.listQuotas(database.db, workspaceId)
  return rows.map(({ meter, amount, soft_amount, origin }) => [meter, amount, soft_amount === null ? '' : `soft ${soft_amount}`, origin].filter((part) => part !== '').join(' '))
}

test('insertPlan() and updatePlan() know names that are taken', async () => {
  const [first, second] = [await createPlan({ 'emails.sent': 5 }), await createPlan({})]
  expect(first).toMatchObject({ rate_limits: [{ name: 'a', limit: '5/1s' }], quotas: { 'emails.sent': 5 } })
  expect(await inTx((tx) => plans.insertPlan(tx, { ...free, id: newId('plan'), name: first.name, now }))).toBeNull()
  expect(await plans.findPlanByName(database.db, first.name)).toEqual(first)
  expect(await inTx((tx) => plans.updatePlan(tx, first.id, { change: { quotas: {} }, now: later }))).toEqual({ ...first, quotas: {}, updated_at: later })
  await expect(inTx(async (tx) => {
    expect(await plans.updatePlan(tx, first.id, { change: { name: second.name }, now })).toBe('taken')
    throw new Error('rolled back')
  })).rejects.toThrow('rolled back')
})

test('listPlans() goes from new to old by the cursor', async () => {
  const [first, second] = [await createPlan({}), await createPlan({})]
  expect((await plans.listPlans(database.db, { limit: 1 }))).toEqual([second, first])
  expect((await plans.listPlans(database.db, { limit: 1, before: second.id }))[0]).toEqual(first)
})

test('settleQuotas() brings the quotas of the plan where the workspace has none of its own', async () => {
  const [id, untouched] = [await createWorkspace({ 'emails.sent': 7 }), await createWorkspace({ 'emails.sent': 8 })]
  const [small, large] = [await createPlan({ 'emails.sent': 1, 'contacts.stored': 2 }), await createPlan({ 'api.calls': 3, 'contacts.stored': 4 })]
  await assign(id, small.id)
  expect(await quotasOf(id)).toEqual(['contacts.stored 2 plan', 'emails.sent 7 own'])
  await assign(id, large.id)
  expect(await quotasOf(id)).toEqual(['api.calls 3 plan', 'contacts.stored 4 plan', 'emails.sent 7 own'])
  await assign(id, null)
  expect(await quotasOf(id)).toEqual(['emails.sent 7 own'])
  expect(await quotasOf(untouched)).toEqual(['emails.sent 8 own'])
})

test('settleQuotas() brings soft quotas beside hard ones and alone', async () => {
  const id = await createWorkspace({ 'acme.calls': 7 })
  const [both, hard] = [await createPlan({ 'emails.sent': 9 }, { 'emails.sent': 5, 'contacts.stored': 2, 'acme.calls': 1 }), await createPlan({ 'emails.sent': 9 })]
  await assign(id, both.id)
  expect(await quotasOf(id)).toEqual(['acme.calls 7 own', 'contacts.stored  soft 2 plan', 'emails.sent 9 soft 5 plan'])
  await assign(id, hard.id)
  expect(await quotasOf(id)).toEqual(['acme.calls 7 own', 'emails.sent 9 plan'])
})

test('replaceOwnQuotas() replaces what is its own; the plan fills the rest when it is settled', async () => {
  const id = await createWorkspace({ 'emails.sent': 7 })
  await assign(id, (await createPlan({ 'emails.sent': 1, 'contacts.stored': 2 })).id)
  const replace = (quotas: Record<string, number>) => inTx(async (tx) => {
    await workspaces.replaceOwnQuotas(tx, id, { quotas, now: later })
    await plans.settleQuotas(tx, [id], later)
  })
  await replace({ 'contacts.stored': 9 })
  expect(await quotasOf(id)).toEqual(['contacts.stored 9 own', 'emails.sent 1 plan'])
  await replace({})
  expect(await quotasOf(id)).toEqual(['contacts.stored 2 plan', 'emails.sent 1 plan'])
})

test('lockWorkspacesOfPlan() answers the workspaces that have it', async () => {
  const [a, b, plan] = [await createWorkspace(), await createWorkspace(), await createPlan({})]
  await createWorkspace()
  for (const id of [b, a]) await assign(id, plan.id)
  expect(await inTx((tx) => plans.lockWorkspacesOfPlan(tx, plan.id))).toEqual([a, b])
  expect(await inTx((tx) => plans.lockPlan(tx, plan.id))).toEqual(plan)
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => /\bplans\b|quotas|plan_id/.test(sql)).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/plans.sql')
})
