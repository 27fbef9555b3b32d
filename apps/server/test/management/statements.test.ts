import type { EnvironmentId, KeyId } from '@letterlock/contract'
import { newId } from '@letterlock/contract'
import { meters, usage } from '@letterlock/db'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sweep } from '../../src/jobs/sweeps.ts'
import { createTestManagement, type TestManagement } from './test-management.ts'

let management: TestManagement
beforeAll(async () => {
  management = await createTestManagement()
})
afterAll(() => management.database.drop())

const at = (text: string) => void (management.state.now = new Date(text))
const run = () => sweep(management, (error) => { throw error })

async function createPlan(terms: object) {
  return (await management.mutate('plans.create', { name: newId('plan'), ...terms })).data.plan.id as string
}

async function createWorkspace(planId?: string) {
  const { workspace, environments } = (await management.mutate('workspaces.create', { name: 'Acme' })).data
  const environmentId = environments.live.id as EnvironmentId
  if (planId) await assign(workspace.id, planId, 'now')
  const take = (amount: number, meter = 'emails.sent') => takeAt(management.state.now, amount, meter)
  return { workspaceId: workspace.id as string, environmentId, take, give, requests, takeAt }

  async function takeAt(now: Date, amount: number, meter = 'emails.sent') {
    const taken = await meters.takeQuota(management.db, environmentId, { meter, amount, reference: newId('request'), now })
    if (!taken.ok) throw new Error('the quota is used up')
  }

  async function give(amount: number, meter: meters.Meter) {
    await management.db.transaction().execute((tx) => meters.giveMeter(tx, environmentId, { meter, amount, reference: newId('request'), now: management.state.now }))
  }

  /** Saves a batch as a node does, of requests at a time that may be long ago. */
  async function requests(count: number, when: string, outcome = 'ok') {
    const minute = new Date(Math.floor(Date.parse(when) / 60_000) * 60_000)
    const counts = [{ environmentId, keyId: newId('key') as KeyId, operation: 'lists.list', outcome, minute, requests: count, dropped: count }]
    await management.db.transaction().execute((tx) =>
      usage.saveUsageBatch(tx, { batchId: newId('request'), now: management.state.now, counts, records: [], attempts: [], lastUses: [] }))
  }
}

const perRequest = (price: number) => ({ price: { amount: 0, currency: 'EUR' }, overage: { 'api.requests': { price } } })
const assign = (workspaceId: string, planId: string | null, when?: string) => management.mutate('plans.assign', { workspaceId, planId, ...(when && { when }) })
const planOf = async (workspaceId: string) => (await management.query('workspaces.get', { workspaceId })).data.workspace as { planId: string | null; nextPlan: object | null }
const statementsOf = async (workspaceId: string) => (await management.query('statements.list', { workspaceId })).data.data as Statement[]
async function statementsAfter(time: string, workspaceId: string) {
  at(time)
  await run()
  return statementsOf(workspaceId)
}

const currentOf = async (workspaceId: string) => (await management.query('statements.current', { workspaceId })).data.statements as Statement[]
const verify = async (statementId: string) => (await management.query('statements.verify', { statementId })).data

interface Statement {
  readonly id: string
  readonly month: string
  readonly currency: string
  readonly total: number
  readonly lines: { kind: string; amount: number; [member: string]: unknown }[]
}

const brief = ({ kind, amount, ...more }: Statement['lines'][number]) =>
  [kind, more['meter'], more['used'], more['included'], more['overage'], amount].filter((part) => part !== undefined).join(' ')

describe('statements', () => {
  test('are made once a day after the month, on however many nodes, of what the ledger holds, line by line', async () => {
    at('2026-01-01T00:00:00Z')
    const terms = { price: { amount: 2_900, currency: 'EUR' }, included: { 'emails.sent': 100, 'api.requests': 10 }, overage: { 'emails.sent': { price: 50, per: 1_000 }, 'api.requests': { price: 3 } } }
    const { workspaceId, take, requests } = await createWorkspace(await createPlan(terms))
    at('2026-01-31T23:59:59.999Z')
    await take(1_334)
    await requests(14, '2026-01-31T23:59:59Z')
    await requests(5, '2026-01-15T00:00:00Z', 'insufficient_scope') // was refused, costs nothing
    at('2026-02-01T00:00:00Z')
    await take(7) // at the boundary: of the next month
    expect(await statementsAfter('2026-02-01T23:59:59.999Z', workspaceId)).toEqual([])
    at('2026-02-02T00:00:00Z')
    await Promise.all([run(), run(), run()])
    await run()
    const [statement, ...more] = await statementsOf(workspaceId)
    expect(more).toEqual([])
    expect(statement).toMatchObject({ month: '2026-01', currency: 'EUR', total: 2_900 + 12 + 62, createdAt: '2026-02-02T00:00:00.000Z' })
    expect(statement?.lines.map(brief)).toEqual(['price 2900', 'usage api.requests 14 10 4 12', 'usage emails.sent 1334 100 1234 62'])
    expect(statement?.lines[0]).toMatchObject({ from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' })
    expect(await verify(statement?.id ?? '')).toEqual({ matches: true, differences: [] })
    expect((await currentOf(workspaceId)).map(({ month, lines }) => [month, ...lines.map(brief)])).toEqual([
      ['2026-02', 'price 2900', 'usage api.requests 0 10 0 0', 'usage emails.sent 7 100 0 0'],
    ])
  })

  test('charge a plan from the moment it was assigned, and what is included by the part of the month, also in a leap February', async () => {
    at('2028-02-01T00:00:00Z')
    await run()
    const small = await createPlan({ price: { amount: 2_900, currency: 'EUR' }, included: { 'emails.sent': 2_900 }, overage: { 'emails.sent': { price: 1 } } })
    const large = await createPlan({ price: { amount: 29_000, currency: 'EUR' }, included: { 'emails.sent': 29_000 }, overage: { 'emails.sent': { price: 1 } } })
    const { workspaceId, take } = await createWorkspace(small)
    at('2028-02-10T23:59:59.999Z')
    await take(1_003)
    at('2028-02-11T00:00:00Z') // 10 of 29 days
    await assign(workspaceId, large) // costs more: at once
    await take(19_000)
    const [statement] = await statementsAfter('2028-03-02T00:00:00Z', workspaceId)
    expect(statement?.lines.map(brief)).toEqual([
      'price 1000', 'usage emails.sent 1003 1000 3 3', 'price 19000', 'usage emails.sent 19000 19000 0 0',
    ])
    expect(statement?.total).toBe(20_003)
    expect(await verify(statement?.id ?? '')).toMatchObject({ matches: true })
  })

  test('charge a level by the most that there was at once', async () => {
    at('2028-04-01T00:00:00Z')
    const planId = await createPlan({ price: { amount: 0, currency: 'EUR' }, included: { 'contacts.stored': 10 }, overage: { 'contacts.stored': { price: 30 } } })
    const { workspaceId, take, give } = await createWorkspace(planId)
    await take(8, 'contacts.stored')
    at('2028-04-10T00:00:00Z')
    await take(7, 'contacts.stored')
    at('2028-04-11T00:00:00Z')
    await give(15, 'contacts.stored')
    expect((await statementsAfter('2028-06-02T00:00:00Z', workspaceId)).map(({ month, lines }) => [month, ...lines.map(brief)])).toEqual([
      ['2028-05', 'price 0', 'usage contacts.stored 0 10 0 0'], ['2028-04', 'price 0', 'usage contacts.stored 15 10 5 150'],
    ])
  })

  test('count requests by whole hours, an hour for the plan that it began with, also when the minutes are dropped', async () => {
    at('2028-06-10T00:00:00Z')
    const [first, second] = [await createPlan(perRequest(2)), await createPlan(perRequest(5))]
    const { workspaceId, requests } = await createWorkspace(first)
    at('2028-06-20T10:30:00Z')
    await assign(workspaceId, second, 'now')
    for (const time of ['09:59', '10:10', '10:50', '11:00']) await requests(1, `2028-06-20T${time}:00Z`)
    await sql`delete from usage_minutes`.execute(management.db) // as retention does
    const [june] = await statementsAfter('2028-07-02T00:00:00Z', workspaceId)
    expect(june?.lines.filter(({ kind }) => kind === 'usage').map(brief)).toEqual(['usage api.requests 3 0 3 6', 'usage api.requests 1 0 1 5'])
    expect(await verify(june?.id ?? '')).toMatchObject({ matches: true })
  })

  test('adjust what became known of the month before after its statement', async () => {
    at('2028-07-01T00:00:00Z')
    const planId = await createPlan({ price: { amount: 100, currency: 'EUR' }, overage: { 'api.requests': { price: 2 } } })
    const { workspaceId, requests } = await createWorkspace(planId)
    await requests(10, '2028-07-05T00:00:00Z')
    const [july] = await statementsAfter('2028-08-02T00:00:00Z', workspaceId)
    expect(july?.lines.map(brief)).toEqual(['price 100', 'usage api.requests 10 0 10 20'])
    at('2028-08-03T00:00:00Z')
    await requests(4, '2028-07-31T23:59:00Z') // a node was cut off for three days
    expect(await verify(july?.id ?? '')).toMatchObject({ matches: false, differences: [{ stored: { used: 10 }, recomputed: { used: 14 } }] })
    const [august, ...before] = await statementsAfter('2028-09-02T00:00:00Z', workspaceId)
    expect(august?.lines.map(brief)).toEqual(['price 100', 'usage api.requests 0 0 0 0', 'adjustment api.requests 4 8'])
    expect(august?.lines[2]).toMatchObject({ statementId: july?.id, from: '2028-07-01T00:00:00.000Z' })
    expect(before).toEqual([july]) // what is closed stays
    expect(await verify(july?.id ?? '')).toEqual({ matches: true, differences: [] })
    expect(await verify(august?.id ?? '')).toEqual({ matches: true, differences: [] })
  })

  test('keep to the price that held when the part of the month began', async () => {
    at('2028-10-01T00:00:00Z')
    const planId = await createPlan({ price: { amount: 3_100, currency: 'EUR' } })
    const { workspaceId } = await createWorkspace(planId)
    at('2028-10-02T00:00:00Z')
    await management.mutate('plans.update', { planId, price: { amount: 6_200, currency: 'EUR' } })
    const later = await createWorkspace(planId)
    expect((await statementsAfter('2028-12-02T00:00:00Z', workspaceId)).map(({ month, total }) => [month, total])).toEqual([['2028-11', 6_200], ['2028-10', 3_100]])
    expect((await statementsOf(later.workspaceId)).map(({ month, total }) => [month, total])).toEqual([['2028-11', 6_200], ['2028-10', 6_000]])
  })

  test('of two currencies are two, and of no plan there is none', async () => {
    at('2029-01-01T00:00:00Z')
    const [euro, yen] = [await createPlan({ price: { amount: 3_100, currency: 'EUR' } }), await createPlan({ price: { amount: 310, currency: 'JPY' } })]
    const { workspaceId } = await createWorkspace(euro)
    const without = await createWorkspace()
    at('2029-01-02T00:00:00Z')
    await assign(workspaceId, yen)
    expect((await statementsAfter('2029-02-02T00:00:00Z', workspaceId)).map(({ currency, total }) => [currency, total]).sort()).toEqual([['EUR', 100], ['JPY', 300]])
    expect(await statementsOf(without.workspaceId)).toEqual([])
  })

  test('come as CSV, in which no name is a formula', async () => {
    at('2029-03-01T00:00:00Z')
    const planId = await createPlan({ name: '=HYPERLINK("x"),1', price: { amount: 5, currency: 'EUR' }, overage: { 'emails.sent': { price: 7, per: 2 } } })
    const { workspaceId, take } = await createWorkspace(planId)
    await take(3)
    const [statement] = await statementsAfter('2029-04-02T00:00:00Z', workspaceId)
    const { data } = await management.query('statements.get', { statementId: statement?.id, format: 'csv' })
    expect(data.statement).toEqual(statement)
    expect(data.csv).toBe([
      'month,currency,kind,planId,planName,from,to,meter,used,included,overage,price,per,amount',
      `2029-03,EUR,price,${planId},"'=HYPERLINK(""x""),1",2029-03-01T00:00:00.000Z,2029-04-01T00:00:00.000Z,,,,,,,5`,
      `2029-03,EUR,usage,${planId},"'=HYPERLINK(""x""),1",2029-03-01T00:00:00.000Z,2029-04-01T00:00:00.000Z,emails.sent,3,0,3,7,2,11`,
      '',
    ].join('\r\n'))
    expect((await management.query('statements.get', { statementId: statement?.id })).data.csv).toBeNull()
    expect((await management.query('statements.get', { statementId: newId('statement') })).status).toBe(404)
  })

  test('that somebody changed are found', async () => {
    at('2029-05-01T00:00:00Z')
    const { workspaceId } = await createWorkspace(await createPlan({ price: { amount: 5, currency: 'EUR' } }))
    const [statement] = await statementsAfter('2029-06-02T00:00:00Z', workspaceId)
    await sql`update statements set lines = jsonb_set(lines, '{0,amount}', '4') where id = ${statement?.id}`.execute(management.db)
    expect(await verify(statement?.id ?? '')).toMatchObject({ matches: false, differences: [{ stored: { amount: 4 }, recomputed: { amount: 5 } }] })
    await sql`update statements set lines = jsonb_set(lines, '{0,amount}', '5'), total = 4 where id = ${statement?.id}`.execute(management.db)
    expect(await verify(statement?.id ?? '')).toEqual({ matches: false, differences: [] })
  })

  test('of months in which nothing ran are made later, each', async () => {
    at('2029-07-01T00:00:00Z')
    const { workspaceId } = await createWorkspace(await createPlan({ price: { amount: 5, currency: 'EUR' } }))
    expect((await statementsAfter('2029-12-31T00:00:00Z', workspaceId)).map(({ month }) => month)).toEqual(['2029-11', '2029-10', '2029-09', '2029-08', '2029-07'])
  })
})

describe('plans.assign', () => {
  test('to a lower price waits for the end of the month, and happens then once, whoever runs', async () => {
    at('2030-01-10T00:00:00Z')
    const [cheap, dear] = [
      await createPlan({ price: { amount: 310, currency: 'EUR' }, quotas: { 'emails.sent': 10 } }), await createPlan({ price: { amount: 3_100, currency: 'EUR' }, quotas: { 'emails.sent': 100 } }),
    ]
    const { workspaceId } = await createWorkspace(dear)
    const { data } = await assign(workspaceId, cheap)
    expect(data.workspace).toMatchObject({ planId: dear, nextPlan: { planId: cheap, at: '2030-02-01T00:00:00.000Z' } })
    expect((await assign(workspaceId, cheap)).data).toEqual(data)
    at('2030-01-31T23:59:59.999Z')
    await run()
    expect((await planOf(workspaceId)).planId).toBe(dear)
    at('2030-02-01T00:00:00Z')
    await Promise.all([run(), run(), run()])
    expect(await planOf(workspaceId)).toMatchObject({ planId: cheap, nextPlan: null })
    expect((await management.query('workspaces.get', { workspaceId })).data.quotas).toEqual({ 'emails.sent': { amount: 10, origin: 'plan' } })
    const events = await management.db.selectFrom('audit_events').select(['actor', 'before', 'after']).where('action', '=', 'plans.assign').where('target', '=', workspaceId).orderBy('sequence').execute()
    expect(events.slice(1)).toMatchObject([
      { before: { next: null }, after: { next: { planId: cheap } } }, { actor: 'system', before: { planId: dear }, after: { planId: cheap } },
    ])
    expect((await statementsAfter('2030-03-02T00:00:00Z', workspaceId)).map(({ month, total }) => [month, total])).toEqual([['2030-02', 310], ['2030-01', 2_200]])
  })

  test('a change that is planned is taken back by assigning the plan it has, and replaced by any other', async () => {
    at('2030-04-10T00:00:00Z')
    const [cheap, dear] = [await createPlan({ price: { amount: 1, currency: 'EUR' } }), await createPlan({ price: { amount: 2, currency: 'EUR' } })]
    const { workspaceId } = await createWorkspace(dear)
    await assign(workspaceId, cheap)
    expect((await assign(workspaceId, dear)).data.workspace).toMatchObject({ planId: dear, nextPlan: null })
    await assign(workspaceId, null)
    expect(await planOf(workspaceId)).toMatchObject({ planId: dear, nextPlan: { planId: null } })
    await assign(workspaceId, cheap, 'now')
    expect(await planOf(workspaceId)).toMatchObject({ planId: cheap, nextPlan: null })
    at('2030-05-01T00:00:00Z')
    await run()
    expect((await planOf(workspaceId)).planId).toBe(cheap)
  })

  test('what was due before counts from when it was due, though nothing ran', async () => {
    at('2030-06-01T00:00:00Z')
    const [cheap, dear] = [await createPlan({ price: { amount: 300, currency: 'EUR' } }), await createPlan({ price: { amount: 3_100, currency: 'EUR' } })]
    const { workspaceId } = await createWorkspace(dear)
    await assign(workspaceId, cheap)
    at('2030-07-16T12:00:00Z') // half of July
    await assign(workspaceId, dear)
    expect((await statementsAfter('2030-08-02T00:00:00Z', workspaceId)).map(({ month, lines }) => [month, ...lines.map(brief)])).toEqual([
      ['2030-07', 'price 150', 'price 1550'], ['2030-06', 'price 3100'],
    ])
  })

  test('many at once: each comes after another, and the spans are those of the plan at the end', async () => {
    at('2030-09-01T00:00:00Z')
    const ids = await Promise.all([1, 2, 3].map((amount) => createPlan({ price: { amount, currency: 'EUR' }, quotas: { 'emails.sent': amount } })))
    const { workspaceId } = await createWorkspace(ids[0])
    const answers = await Promise.all(Array.from({ length: 24 }, (_, i) => assign(workspaceId, ids[i % 3] ?? null, 'now')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    const { workspace, quotas } = (await management.query('workspaces.get', { workspaceId })).data
    expect(quotas['emails.sent'].amount).toBe(ids.indexOf(workspace.planId) + 1)
    expect((await currentOf(workspaceId)).map(({ lines }) => lines.map(({ planId }) => planId))).toEqual([[workspace.planId]])
    const events = await management.db.selectFrom('audit_events').select(['before', 'after']).where('action', '=', 'plans.assign').where('target', '=', workspaceId).orderBy('sequence').execute()
    const chain = events.map(({ before, after }) => [before, after] as unknown as [{ planId: string }, { planId: string }])
    for (const [i, [before]] of chain.entries()) if (i > 0) expect(before.planId).toBe(chain[i - 1]?.[1].planId)
  })

  test('against takings: nobody who asks after a lower quota gets more than it, and the ledger is the balance', async () => {
    at('2030-10-10T00:00:00Z')
    const [wide, narrow] = [await createPlan({ quotas: { 'emails.sent': 1_000 } }), await createPlan({ quotas: { 'emails.sent': 50 } })]
    const { workspaceId, environmentId } = await createWorkspace(wide)
    const take = (reference: string) => meters.takeQuota(management.db, environmentId, { meter: 'emails.sent', amount: 1, reference, now: management.state.now })
    let isNarrow = false
    const late: boolean[] = []
    const takers = Array.from({ length: 8 }, async (_, taker) => {
      for (let i = 0; i < 60; i++) {
        const askedLate = isNarrow
        const { ok, used } = await take(`${taker}-${i}`)
        if (askedLate && ok) late.push(used <= 50)
      }
    })
    await take('first')
    expect((await assign(workspaceId, narrow)).status).toBe(200)
    isNarrow = true
    await Promise.all(takers)
    expect(late.every(Boolean)).toBe(true)
    const [ledger, balance] = await Promise.all([
      sql<{ sum: number }>`select sum(amount)::int as sum from meter_ledger where environment_id = ${environmentId}`.execute(management.db),
      meters.findUsed(management.db, environmentId, { meter: 'emails.sent', now: management.state.now } as Parameters<typeof meters.findUsed>[2]),
    ])
    expect(ledger.rows[0]?.sum).toBe(balance)
    expect(balance).toBeGreaterThanOrEqual(50) // those before it, or all that it allows
    expect(await take('last')).toMatchObject({ ok: false, limit: 50 })
  })
})
