import type { EnvironmentId, KeyId } from '@letterlock/contract'
import { newId } from '@letterlock/contract'
import { meters, usage } from '@letterlock/db'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sweep } from '../../src/jobs/sweeps.ts'
import { createTestManagement, type TestManagement } from './test-management.ts'

let management: TestManagement
beforeAll(async () => {
  management = await createTestManagement()
})
afterAll(() => management.database.drop())

const at = (text: string) => void (management.state.now = new Date(text))
const run = () => sweep(management, (error) => { throw error })
const eur = (amount: number) => ({ amount, currency: 'EUR' })

async function createPlan(terms: object) {
  return (await management.mutate('plans.create', { name: newId('plan'), price: eur(0), ...terms })).data.plan.id as string
}

/** A workspace on a plan, capped at an amount of EUR. */
async function createWorkspace(planId: string, amount: number | null) {
  const { workspace, environments } = (await management.mutate('workspaces.create', { name: 'Acme' })).data
  const [workspaceId, environmentId] = [workspace.id as string, environments.live.id as EnvironmentId]
  const assign = (planId: string | null, when = 'now') => management.mutate('plans.assign', { workspaceId, planId, when })
  const cap = (spendCap: object | null) => management.mutate('workspaces.update', { workspaceId, spendCap })
  const take = (amount: number, meter = 'emails.sent') =>
    meters.takeQuota(management.db, environmentId, { meter, amount, reference: newId('request'), now: management.state.now })
  const spent = async () => (await lines()).filter(({ kind }) => kind === 'usage').reduce((sum, { amount }) => sum + amount, 0)
  const lines = async () =>
    (await management.query('statements.current', { workspaceId })).data.statements.flatMap(({ lines }: { lines: object[] }) => lines) as { kind: string; amount: number }[]
  const alerts = async () =>
    (await management.query('alerts.list', { workspaceId, kind: 'spend.threshold' })).data.data.map(({ detail }: { detail: object }) => detail).toReversed() as { percent: number }[]
  await assign(planId)
  if (amount !== null) await cap(eur(amount))
  return { workspaceId, environmentId, assign, cap, take, takeMost, spent, alerts }

  /** Takes as much as is let, in halving steps. */
  async function takeMost(meter = 'emails.sent') {
    for (let step = 2 ** 12, rounds = 0; step >= 1 && rounds < 100; rounds++) if (!(await take(step, meter)).ok) step /= 2
  }
}

test('a spend cap is never passed, however many take at once, and all of it can be spent', async () => {
  at('2026-01-10T00:00:00Z')
  const planId = await createPlan({ included: { 'emails.sent': 100 }, overage: { 'emails.sent': { price: 50, per: 1_000 } } })
  const { workspaceId, take, spent, cap } = await createWorkspace(planId, 500)
  expect((await management.query('workspaces.get', { workspaceId })).data.workspace.spendCap).toEqual(eur(500))
  const included = Math.floor((100 * 22) / 31) // the plan came on the tenth
  const most = included + 10_009 // 10 009 × 0.05 is 500.45, one more 500.5
  const taken = await Promise.all(Array.from({ length: 40 }, (_, i) => take(200 + 10 * i)))
  expect(taken.some(({ ok }) => !ok)).toBe(true)
  const used = Math.max(...taken.map(({ used }) => used))
  expect(await take(most - used + 1)).toMatchObject({ ok: false, limit: most, used })
  expect(await take(most - used)).toEqual({ ok: true, used: most })
  expect(await spent()).toBe(500)
  expect(await take(1)).toMatchObject({ ok: false, limit: most, resetsAt: new Date('2026-02-01T00:00:00Z') })
  await cap(null)
  expect(await take(1)).toMatchObject({ ok: true })
  expect((await management.query('workspaces.get', { workspaceId })).data.workspace.spendCap).toBeNull()
})

test('what is left of a cap goes to the meters that use it; requests cost of it, too', async () => {
  at('2026-02-01T00:00:00Z')
  const { environmentId, take, takeMost, spent, alerts } = await createWorkspace(
    await createPlan({ overage: { 'emails.sent': { price: 1 }, 'acme.calls': { price: 2 }, 'contacts.stored': { price: 5 }, 'api.requests': { price: 1 } } }), 1_000)
  expect(await take(400)).toMatchObject({ ok: false, limit: 333 })
  await takeMost()
  expect(await spent()).toBe(333)
  await saveRequests(environmentId, 67)
  await run()
  expect(await take(301)).toMatchObject({ ok: false, limit: 533 })
  for (let minute = 0; minute < 12; minute++) {
    await takeMost()
    await takeMost('acme.calls')
    await takeMost('contacts.stored')
    expect(await spent()).toBeLessThanOrEqual(1_000)
    await Promise.all([run(), run()])
  }
  expect(await spent()).toBe(1_000)
  expect(await alerts()).toEqual([50, 80, 100].map((percent) => expect.objectContaining({ percent, month: '2026-02', cap: 1_000, currency: 'EUR' })))
})

test('alerts come at 50, 80 and 100 % once each, for what is spent in the last minute of a month too, and anew for another cap', async () => {
  at('2026-03-31T23:58:00Z')
  const { take, alerts, cap } = await createWorkspace(await createPlan({ overage: { 'emails.sent': { price: 3 } } }), 100)
  const percents = async () => (await alerts()).map(({ percent }) => percent)
  await take(16)
  await run()
  expect(await percents()).toEqual([]) // 48
  await take(1)
  at('2026-03-31T23:59:00Z')
  await Promise.all([run(), run(), run()])
  expect(await alerts()).toEqual([{ month: '2026-03', percent: 50, spent: 51, cap: 100, currency: 'EUR' }])
  await take(16)
  at('2026-04-01T00:00:30Z')
  await Promise.all([run(), run(), run()])
  expect(await alerts()).toHaveLength(2)
  expect((await alerts())[1]).toEqual({ month: '2026-03', percent: 80, spent: 99, cap: 100, currency: 'EUR' })
  await take(33) // 99: a unit more would be 102, so all is spent
  await run()
  expect(await percents()).toEqual([50, 80, 50, 80, 100])
  await cap(eur(110))
  expect(await percents()).toEqual([50, 80, 50, 80, 100, 50, 80])
})

test('a new month has the cap anew at once, also while no sweep has come to it', async () => {
  at('2026-05-01T00:00:00Z')
  const { take, takeMost, spent } = await createWorkspace(
    await createPlan({ included: { 'emails.sent': 10 }, overage: { 'emails.sent': { price: 1 }, 'contacts.stored': { price: 1 } } }), 100)
  await takeMost('contacts.stored')
  await takeMost()
  expect(await spent()).toBe(100)
  at('2026-06-01T00:00:00Z')
  await takeMost()
  expect(await spent()).toBe(50 + 25) // for contacts, which are still there, and half of the rest for what is new
  expect(await take(1)).toMatchObject({ ok: false, limit: 10 + 25 })
  await run()
  expect(await take(100)).toMatchObject({ ok: false, limit: 10 + 25 + 12 })
})

test('a smaller plan that comes at the end of the month bounds the first minute of the next as it will be paid', async () => {
  at('2026-07-02T00:00:00Z')
  const [large, small] = [
    await createPlan({ price: eur(900), included: { 'emails.sent': 1_000 }, overage: { 'emails.sent': { price: 1 } } }),
    await createPlan({ included: { 'emails.sent': 10 }, overage: { 'emails.sent': { price: 2 } } }),
  ]
  const { assign, take, takeMost, spent } = await createWorkspace(large, 100)
  await assign(small, 'period_end')
  at('2026-08-01T00:00:00Z')
  await takeMost()
  expect(await take(1)).toMatchObject({ ok: false, limit: 60 })
  await run()
  expect(await spent()).toBe(100)
})

test('a plan that changes in the month keeps what was spent; a cap in another currency leaves what is included', async () => {
  at('2026-09-01T00:00:00Z')
  const overage = { 'emails.sent': { price: 1 } }
  const [first, second, dollars] = [
    await createPlan({ overage }),
    await createPlan({ included: { 'emails.sent': 300 }, overage: { 'emails.sent': { price: 2 } } }),
    await createPlan({ price: { amount: 0, currency: 'USD' }, included: { 'emails.sent': 30 }, overage }),
  ]
  const { assign, take, takeMost, spent, cap } = await createWorkspace(first, 100)
  await take(60)
  at('2026-09-11T00:00:00Z')
  await assign(second)
  expect(await take(221)).toMatchObject({ ok: false, limit: 60 + 200 + 20 })
  await takeMost()
  expect(await spent()).toBe(100)
  at('2026-09-21T00:00:00Z')
  await cap(eur(1_000))
  await assign(dollars)
  await takeMost()
  expect(await take(1)).toMatchObject({ ok: false, limit: 60 + 220 + 10 })
  await assign(null)
  expect(await take(1_000_000)).toMatchObject({ ok: true }) // without a plan nothing costs
})

test('a cap that is lowered waits for takings that have begun, and what they cost is left to no other meter', async () => {
  at('2026-10-01T00:00:00Z')
  const { environmentId, cap, take } = await createWorkspace(await createPlan({ overage: { 'emails.sent': { price: 1 }, 'acme.calls': { price: 1 } } }), 1_000)
  let lowered: ReturnType<typeof cap> | undefined
  await management.db.transaction().execute(async (tx) => {
    await meters.takeMeter(tx, environmentId, { meter: 'emails.sent', amount: 150, reference: 'before', now: management.state.now })
    lowered = cap(eur(200))
    await untilItWaits(lowered)
  })
  await lowered
  expect(await take(26, 'acme.calls')).toMatchObject({ ok: false, limit: 25 })
  expect(await take(26)).toMatchObject({ ok: false, limit: 175 })
})

test('of takers at a cap that is lowered, nobody who commits after it costs more', async () => {
  at('2026-10-01T00:00:00Z')
  const planId = await createPlan({ overage: { 'emails.sent': { price: 1 } } })
  for (let round = 0; round < 5; round++) {
    const { cap, take } = await createWorkspace(planId, 1_000)
    const takers = Array.from({ length: 30 }, () => take(20))
    const [after] = await Promise.all([cap(eur(200)).then(() => take(1)), ...takers])
    // what was taken before the cap came is kept, and nothing beyond is added to it
    expect(after.ok).toBe(after.used <= 200)
    expect((await take(200)).ok).toBe(false)
  }
})

test('refuses a cap that is none, naming the member', async () => {
  at('2026-10-01T00:00:00Z')
  const { cap } = await createWorkspace(await createPlan({}), null)
  for (const wrong of [{ amount: -1, currency: 'EUR' }, { amount: 1.5, currency: 'EUR' }, { amount: 1, currency: 'XXQ' }, { amount: 1 }]) {
    const { status, error } = await cap(wrong)
    expect(status).toBe(400)
    expect(JSON.stringify(error)).toContain('spendCap')
  }
})

/** Ends when another session waits for a lock, or when `done` is done without having waited. */
async function untilItWaits(done: Promise<unknown>): Promise<void> {
  let isDone = false
  void done.finally(() => void (isDone = true))
  const waiting = sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  while (!isDone && (await waiting.execute(management.db)).rows.length === 0);
}

/** As a node saves what it served within the hour. */
async function saveRequests(environmentId: EnvironmentId, requests: number) {
  const { now } = management.state
  const counts = [{ environmentId, keyId: newId('key') as KeyId, operation: 'lists.list', outcome: 'ok', minute: now, requests, dropped: requests }]
  await management.db.transaction().execute((tx) => usage.saveUsageBatch(tx, { batchId: newId('request'), now, counts, records: [], attempts: [], lastUses: [] }))
}
