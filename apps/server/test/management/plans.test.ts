import { newId } from '@letterlock/contract'
import { auditEvents, revisions } from '@letterlock/db'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestManagement, type TestManagement } from './test-management.ts'

let management: TestManagement
const start = new Date('2026-11-22T09:30:00.000Z')
const later = '2026-11-22T09:31:00.000Z'
beforeAll(async () => {
  management = await createTestManagement()
})
beforeEach(() => void (management.state.now = start))
afterAll(() => management.database.drop())

async function createPlan(input: object = {}) {
  const { data } = await management.mutate('plans.create', { name: newId('plan'), ...input })
  return data.plan as { id: string; name: string; [member: string]: unknown }
}

async function createWorkspace(quotas: object = {}) {
  return (await management.mutate('workspaces.create', { name: 'Acme', quotas })).data.workspace.id as string
}

const assign = (workspaceId: string, planId: string | null) => management.mutate('plans.assign', { workspaceId, planId })
const quotasOf = async (workspaceId: string) => (await management.query('workspaces.get', { workspaceId })).data.quotas
const auditOf = (action: string, target: string) =>
  management.db.selectFrom('audit_events').selectAll().where('action', '=', action).where('target', '=', target).execute()
const changesAt = (revision: number) =>
  management.db.selectFrom('change_log').select(['kind', 'id']).where('revision', '=', revision).execute()
const plan = (amount: number) => ({ amount, origin: 'plan' })
const own = (amount: number) => ({ amount, origin: 'own' })

describe('plans.create', () => {
  test('answers the plan and the revision, and is audited', async () => {
    const before = await revisions.currentRevision(management.db)
    const input = {
      name: 'Pro', price: { amount: 2_900, currency: 'EUR' }, rateLimits: [{ name: 'all', limit: '500/1s', burst: 50 }],
      included: { 'emails.sent': 9_000, 'api.requests': 1 }, overage: { 'emails.sent': { price: 50, per: 1_000 } },
      quotas: { 'emails.sent': 10_000, 'acme.calls': 5 }, softQuotas: { 'emails.sent': 9_000 }, features: ['sso', 'priority support'],
    }
    const { status, data } = await management.mutate('plans.create', input)
    const times = { createdAt: start.toISOString(), updatedAt: start.toISOString() }
    expect([status, data]).toEqual([200, { plan: { id: expect.stringMatching(/^plan_/), ...input, ...times }, revision: before + 1 }])
    expect(await auditOf('plans.create', data.plan.id)).toMatchObject([{ workspace_id: '', before: null, after: data.plan }])
    expect(await changesAt(data.revision)).toEqual([{ kind: 'plan', id: data.plan.id }])
    expect((await management.query('plans.list', { limit: 1 })).data.data).toEqual([data.plan])
  })

  test('refuses a name that is taken and names who has it', async () => {
    const first = await createPlan()
    const { status, error } = await management.mutate('plans.create', { name: first.name })
    expect([status, error.data]).toMatchObject([409, { code: 'already_exists', existing: first.id }])
  })

  test.each<[string, object, string]>([
    ['a slip of a meter', { quotas: { 'emails.snet': 5 } }, 'quotas.emails.snet'],
    ['a fraction', { quotas: { 'emails.sent': 0.5 } }, 'quotas.emails.sent'],
    ['a limit of nothing', { rateLimits: [{ name: 'a', limit: '0/1s' }] }, 'rateLimits.0.limit'],
    ['no name', { name: undefined }, 'name'],
    ['a price without a currency', { price: { amount: 5 } }, 'price.currency'],
    ['a currency that is none', { price: { amount: 5, currency: 'EUX' } }, 'price.currency'],
    ['a price below nothing', { price: { amount: -1, currency: 'EUR' } }, 'price.amount'],
    ['a fraction of a cent', { overage: { 'emails.sent': { price: 0.5 } } }, 'overage.emails.sent.price'],
    ['a price for each nothing', { overage: { 'emails.sent': { price: 5, per: 0 } } }, 'overage.emails.sent.per'],
    ['a slip of a meter that is included', { included: { 'contact.stored': 5 } }, 'included.contact.stored'],
    ['a soft quota of what is not counted exactly', { softQuotas: { 'api.requests': 5 } }, 'softQuotas.api.requests'],
    ['a feature twice', { features: ['sso', 'sso'] }, 'features'],
    ['a discount', { discount: 5 }, 'discount'],
  ])('refuses %s', async (_, input, path) => {
    const { status, error } = await management.mutate('plans.create', { name: 'x', ...input })
    expect([status, error.data.issues[0].path]).toEqual([400, path])
  })
})

test('plans.list walks from new to old', async () => {
  const made = []
  for (let i = 0; i < 3; i++) {
    management.state.now = new Date(management.state.now.getTime() + 1)
    made.unshift(await createPlan())
  }
  const first = (await management.query('plans.list', { limit: 2 })).data
  expect(first).toMatchObject({ data: made.slice(0, 2), hasMore: true })
  expect((await management.query('plans.list', { limit: 1, cursor: first.nextCursor })).data.data).toEqual(made.slice(2))
})

describe('plans.assign', () => {
  test('gives the live environment the quotas of the plan, but those of its own', async () => {
    const [small, large] = [await createPlan({ quotas: { 'emails.sent': 1, 'contacts.stored': 2 } }), await createPlan({ quotas: { 'acme.calls': 3 } })]
    const workspaceId = await createWorkspace({ 'emails.sent': 7 })
    management.state.now = new Date(later)
    const { status, data } = await assign(workspaceId, small.id)
    expect([status, data]).toMatchObject([200, {
      workspace: { id: workspaceId, planId: small.id, updatedAt: later }, quotas: { 'contacts.stored': plan(2), 'emails.sent': own(7) },
    }])
    expect(await changesAt(data.revision)).toEqual([{ kind: 'workspace', id: workspaceId }])
    expect(await auditOf('plans.assign', workspaceId)).toMatchObject([{ workspace_id: workspaceId, before: { planId: null }, after: { planId: small.id } }])
    expect((await assign(workspaceId, small.id)).data).toEqual(data)
    expect((await assign(workspaceId, large.id)).data.quotas).toEqual({ 'acme.calls': plan(3), 'emails.sent': own(7) })
    expect((await assign(workspaceId, null)).data).toMatchObject({ workspace: { planId: null }, quotas: { 'emails.sent': own(7) } })
    expect(await quotasOf(workspaceId)).toEqual({ 'emails.sent': own(7) })
  })

  test('shows the soft quotas and the features of the plan with the workspace, as long as it has the plan', async () => {
    const terms = { quotas: { 'emails.sent': 9 }, softQuotas: { 'emails.sent': 5, 'acme.calls': 3 }, features: ['sso'] }
    const [workspaceId, { id }] = [await createWorkspace(), await createPlan(terms)]
    await assign(workspaceId, id)
    const read = async () => (await management.query('workspaces.get', { workspaceId })).data
    expect(await read()).toMatchObject({ workspace: { features: ['sso'] }, quotas: { 'emails.sent': plan(9) }, softQuotas: terms.softQuotas })
    await management.mutate('plans.update', { planId: id, softQuotas: { 'acme.calls': 4 }, features: [] })
    expect(await read()).toMatchObject({ workspace: { features: [] }, quotas: { 'emails.sent': plan(9) }, softQuotas: { 'acme.calls': 4 } })
    expect((await assign(workspaceId, null)).data).toMatchObject({ workspace: { features: [] }, quotas: {}, softQuotas: {} })
  })

  test('answers 404 for an unknown plan and an unknown workspace', async () => {
    expect((await assign(await createWorkspace(), newId('plan'))).error.message).toBe('There is no such plan.')
    expect((await assign(newId('workspace'), (await createPlan()).id)).error.message).toBe('There is no such workspace.')
    expect((await assign(newId('workspace'), null)).status).toBe(404)
  })

  test('own quotas that are set and taken away later go before the plan and give way to it', async () => {
    const workspaceId = await createWorkspace()
    await assign(workspaceId, (await createPlan({ quotas: { 'emails.sent': 1, 'contacts.stored': 2 } })).id)
    const set = await management.mutate('workspaces.update', { workspaceId, quotas: { 'emails.sent': 9 } })
    expect(set.data.quotas).toEqual({ 'contacts.stored': plan(2), 'emails.sent': own(9) })
    const taken = await management.mutate('workspaces.update', { workspaceId, quotas: {} })
    expect(taken.data.quotas).toEqual({ 'contacts.stored': plan(2), 'emails.sent': plan(1) })
  })
})

describe('plans.update', () => {
  test('limits of plan, workspace and key are in force together, with the answer that set them', async () => {
    const limit = (text: string) => [{ name: 'all', limit: text }]
    const [workspaceId, { id: planId }] = [await createWorkspace(), await createPlan({ rateLimits: limit('30/1s') })]
    const { secret, key } = (await management.mutate('keys.create', { workspaceId, mode: 'live', name: 'CI', rateLimits: limit('10/1s') })).data
    const limits = async () => ((await management.verify(secret)) as { limits?: { name: string; count: number }[] }).limits?.map(({ name, count }) => `${name} ${count}`)
    expect(await limits()).toEqual(['all 10'])
    await assign(workspaceId, planId)
    await management.mutate('workspaces.update', { workspaceId, rateLimits: limit('20/1s') })
    expect(await limits()).toEqual(['all 10', 'workspace.all 20', 'plan.all 30'])
    await management.mutate('plans.update', { planId, rateLimits: limit('31/1s') })
    await management.mutate('keys.update', { keyId: key.id, rateLimits: [] })
    expect(await limits()).toEqual(['workspace.all 20', 'plan.all 31'])
    await assign(workspaceId, null)
    await management.mutate('workspaces.update', { workspaceId, rateLimits: [] })
    expect(await limits()).toEqual(['default 1000'])
  })

  test('changes limits and quotas of all its workspaces, and logs the plan as what changed', async () => {
    const [mine, other] = [await createPlan({ quotas: { 'emails.sent': 1, 'contacts.stored': 2 } }), await createPlan({ quotas: { 'emails.sent': 4 } })]
    const [a, b, c] = [await createWorkspace({ 'emails.sent': 7 }), await createWorkspace(), await createWorkspace()]
    for (const id of [a, b]) await assign(id, mine.id)
    await assign(c, other.id)
    management.state.now = new Date(later)
    const change = { name: `${mine.name} 2`, rateLimits: [{ name: 'a', limit: '1/1s' }], quotas: { 'emails.sent': 100 } }
    const { data } = await management.mutate('plans.update', { planId: mine.id, ...change })
    expect(data.plan).toEqual({ ...mine, ...change, updatedAt: later })
    expect(await Promise.all([a, b, c].map(quotasOf))).toEqual([{ 'emails.sent': own(7) }, { 'emails.sent': plan(100) }, { 'emails.sent': plan(4) }])
    expect(await changesAt(data.revision)).toEqual([{ kind: 'plan', id: mine.id }])
    expect(await auditOf('plans.update', mine.id)).toMatchObject([{ before: { quotas: { 'emails.sent': 1 } }, after: change }])
    expect((await management.mutate('plans.update', { planId: mine.id, ...change })).data).toEqual(data)
  })

  test('refuses a name that is taken and an unknown plan', async () => {
    const [first, second] = [await createPlan(), await createPlan()]
    const taken = await management.mutate('plans.update', { planId: first.id, name: second.name })
    expect([taken.status, taken.error.data.code]).toEqual([409, 'already_exists'])
    expect((await management.mutate('plans.update', { planId: newId('plan'), name: 'x' })).status).toBe(404)
  })
})

test('the chain of the installation is intact at the end', async () => {
  expect(await auditEvents.verifyChain(management.db, auditEvents.installationChain)).toMatchObject({ intact: true })
})
