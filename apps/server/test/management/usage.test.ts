import { type EnvironmentId, type KeyId, newId, type RequestId } from '@letterlock/contract'
import { usage } from '@letterlock/db'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { sweep } from '../../src/jobs/sweeps.ts'
import { type Use, UsageRecorder } from '../../src/jobs/usage-recorder.ts'
import { createTestManagement, type TestManagement } from './test-management.ts'

let management: TestManagement
beforeAll(async () => {
  management = await createTestManagement()
})
afterAll(() => management.database.drop())

interface Tenant {
  workspaceId: string
  environmentId: EnvironmentId
  testEnvironmentId: EnvironmentId
  keyId: KeyId
}

const noon = new Date('2026-11-22T12:00:00.000Z')
let mine: Tenant
beforeEach(async () => {
  management.state.now = noon
  mine = await createTenant()
})

async function createTenant(): Promise<Tenant> {
  const { workspace, environments } = (await management.mutate('workspaces.create', { name: 'Acme', quotas: { 'emails.sent': 50 } })).data
  const { key } = (await management.mutate('keys.create', { workspaceId: workspace.id, mode: 'live', name: 'CI' })).data
  return { workspaceId: workspace.id, environmentId: environments.live.id, testEnvironmentId: environments.test.id, keyId: key.id }
}

/** Requests of `mine`, recorded and saved as a node does. */
async function record(...uses: (Partial<Use> & { keyId?: KeyId; environmentId?: EnvironmentId })[]): Promise<RequestId[]> {
  const recorder = new UsageRecorder({
    save: async (batch) => {
      await management.db.transaction().execute((tx) => usage.saveUsageBatch(tx, { ...batch, now: management.state.now }))
    },
    newBatchId: () => newId('request'),
    onError: (error) => { throw error },
  })
  const made = uses.map(({ keyId = mine.keyId, environmentId = mine.environmentId, ...more }) => ({
    requestId: requestIdOf(more.now ?? management.state.now), principal: { keyId, environmentId }, claimedKeyId: null, secretVersion: 1, operationId: 'contacts.get' as const,
    outcome: 'ok', status: 200, now: management.state.now, durationMs: 1.25, ip: '192.0.2.7', userAgent: 'curl/8', ...more,
  }))
  for (const use of made) recorder.record(use)
  await recorder.flush()
  return made.map(({ requestId }) => requestId as RequestId)
}

/** The id of a request that begins at a time: an id begins with it. */
function requestIdOf(time: Date): string {
  const digits = Array.from({ length: 10 }, (_, index) => '0123456789abcdefghjkmnpqrstvwxyz'[Math.floor(time.getTime() / 32 ** (9 - index)) % 32])
  return `req_${digits.join('')}${newId('request').slice(14)}`
}

const at = (text: string) => new Date(`2026-11-${text}Z`)
const failed = (outcome: string, status: number) => ({ outcome, status })
const ask = (procedure: string, more: object = {}) => management.query(`usage.${procedure}`, { workspaceId: mine.workspaceId, ...more })
const issueOf = ({ status, error }: { status: number; error: { data: { issues: { path: string; message: string }[] } } }) => ({ status, ...error.data.issues[0] })

test('usage.summary adds up requests by their end, names the busiest, and shows quotas', async () => {
  const other = newId('key')
  await record(
    {}, {}, { status: 201, operationId: 'contacts.create' }, failed('not_found', 404), failed('invalid_key', 401), failed('insufficient_scope', 403),
    failed('rate_limited', 429), failed('quota_exceeded', 429), failed('internal', 500), { keyId: other }, { environmentId: mine.testEnvironmentId, keyId: newId('key') },
  )
  await record({ now: at('03T01:07:08.000'), keyId: other })
  const { data } = await ask('summary')
  expect(data).toMatchObject({ from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' })
  expect(data.requests).toEqual({ total: 11, served: 5, rejected: 1, refused: 2, limited: 2, failed: 1, dropped: 0 })
  expect(data.outcomes[0]).toEqual({ outcome: 'ok', status: '2xx', requests: 5 })
  expect(data.outcomes).toContainEqual({ outcome: 'rate_limited', status: '429', requests: 1 })
  expect(data.topKeys).toEqual([{ keyId: mine.keyId, name: 'CI', requests: 9 }, { keyId: other, name: null, requests: 2 }])
  expect(data.topOperations).toEqual([{ operation: 'contacts.get', requests: 10 }, { operation: 'contacts.create', requests: 1 }])
  expect(data.meters).toEqual([
    { meter: 'api.requests', used: 6, limit: null, resetsAt: null },
    { meter: 'contacts.stored', used: 0, limit: null, resetsAt: null },
    { meter: 'emails.sent', used: 0, limit: 50, resetsAt: '2026-12-01T00:00:00.000Z' },
  ])
  expect(data.days).toEqual([{ day: '2026-11-03', meter: 'api.requests', used: 1 }, { day: '2026-11-22', meter: 'api.requests', used: 5 }])
  expect((await ask('summary', { mode: 'test' })).data.requests.total).toBe(1)
  expect((await ask('summary', { from: '2026-11-22T12:00:00Z', to: '2026-11-22T12:01:00Z' })).data.requests.total).toBe(10)
  expect((await ask('summary', { from: '2026-11-22T12:01:00Z' })).data.requests.total).toBe(0)
})

test('usage.summary shows how many requests have no record', async () => {
  await management.db.transaction().execute((tx) => usage.saveUsageBatch(tx, {
    batchId: newId('request'), records: [], attempts: [], lastUses: [], now: noon,
    counts: [{ environmentId: mine.environmentId, keyId: mine.keyId, operation: 'contacts.get', outcome: 'ok', minute: noon, requests: 9, dropped: 4 }],
  }))
  expect((await ask('summary')).data.requests).toMatchObject({ total: 9, dropped: 4 })
})

test('usage.timeseries counts whole steps, in all and by what is asked', async () => {
  const other = newId('key')
  await record(
    {}, { status: 201 }, failed('not_found', 404), { ...failed('invalid_request', 400), keyId: other }, failed('rate_limited', 429), failed('quota_exceeded', 429),
    { now: at('22T09:59:59.000') }, { now: at('21T23:59:59.000') },
  )
  const span = { from: '2026-11-22T09:30:00Z', to: '2026-11-22T12:30:00Z' }
  const series = async (more: object) => (await ask('timeseries', { ...span, step: 'hour', ...more })).data.series as { name: string; requests: number; points: object[] }[]
  const sums = async (more: object) => Object.fromEntries((await series(more)).map(({ name, requests }) => [name, requests]))
  expect((await ask('timeseries', { ...span, step: 'hour' })).data).toEqual({
    from: '2026-11-22T09:00:00.000Z', to: '2026-11-22T13:00:00.000Z', step: 'hour',
    series: [{ name: 'all', requests: 7, points: [{ at: '2026-11-22T09:00:00.000Z', requests: 1 }, { at: '2026-11-22T12:00:00.000Z', requests: 6 }] }],
  })
  expect(await sums({ by: 'status' })).toEqual({ '2xx': 3, 400: 1, 404: 1, 429: 2 })
  expect(await sums({ by: 'outcome' })).toEqual({ ok: 3, invalid_request: 1, not_found: 1, rate_limited: 1, quota_exceeded: 1 })
  expect(await sums({ by: 'key' })).toEqual({ [mine.keyId]: 6, [other]: 1 })
  expect(await sums({ by: 'status', keyId: other })).toEqual({ 400: 1 })
  expect(await sums({ outcome: 'ok', step: 'minute' })).toEqual({ all: 3 })
  expect(await sums({ operation: 'contacts.create' })).toEqual({})
  expect(await sums({ step: 'day' })).toEqual({ all: 7 })
  expect(await sums({ from: '2026-11-21T00:00:00Z', step: 'day' })).toEqual({ all: 8 })
})

test('usage.timeseries names the ten busiest keys, and sums up the others', async () => {
  await record(...Array.from({ length: 12 }, (_, index) => index + 1).flatMap((count) => {
    const keyId = newId('key')
    return Array.from({ length: count }, () => ({ keyId }))
  }))
  const { series } = (await ask('timeseries', { from: '2026-11-22T12:00:00Z', to: '2026-11-22T13:00:00Z', step: 'hour', by: 'key' })).data
  expect(series.map(({ requests }: { requests: number }) => requests)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 3])
  expect(series.at(-1).name).toBe('others')
})

test('usage.timeseries refuses more than 2 000 points, and minutes that are no longer kept', async () => {
  expect(issueOf(await ask('timeseries', { from: '2026-11-01T00:00:00Z', to: '2026-11-22T00:00:00Z', step: 'minute' }))).toEqual({
    status: 400, path: 'step', message: 'this is 30240 points, and 2000 are the most: choose a longer step or a shorter time',
  })
  expect(issueOf(await ask('timeseries', { from: '2026-08-23T23:59:00Z', to: '2026-08-24T00:10:00Z', step: 'minute' }))).toEqual({
    status: 400, path: 'from', message: 'minutes are kept for 90 days, from 2026-08-24T00:00:00.000Z on: choose the step hour or day',
  })
  expect((await ask('timeseries', { from: '2026-08-24T00:00:00Z', to: '2026-08-25T00:00:00Z', step: 'minute' })).status).toBe(200)
  expect((await ask('timeseries', { from: '2021-08-24T00:00:00Z', to: '2026-08-25T00:00:00Z', step: 'day' })).status).toBe(200)
})

test('usage.requests answers requests as they were', async () => {
  const [requestId] = await record({ now: new Date(noon.getTime() - 1), operationId: 'contacts.update', outcome: 'not_found', status: 404, secretVersion: 2 })
  await record({ operationId: 'keys.verify', userAgent: null, ip: null })
  const { data } = (await ask('requests')).data
  expect(data[1]).toEqual({
    requestId, at: '2026-11-22T11:59:59.999Z', keyId: mine.keyId, secretVersion: 2, operation: 'contacts.update', path: '/v1/contacts/{idOrEmail}', method: 'PATCH',
    status: 404, outcome: 'not_found', durationMs: 1.25, ip: '192.0.2.7', userAgent: 'curl/8',
  })
  expect(data[0]).toMatchObject({ operation: 'keys.verify', path: null, method: null, ip: null, userAgent: null })
})

test('usage.requests pages through days, newest first, each request once, also within one millisecond', async () => {
  const times = Array.from({ length: 50 }, (_, index) => new Date(noon.getTime() - Math.floor(index / 7) * 8 * 3_600_000))
  const ids = await record(...times.map((now) => ({ now })))
  const seen: string[] = []
  const moments: string[] = []
  for (let cursor: string | null = null; ;) {
    const page: { data: { requestId: string; at: string }[]; hasMore: boolean; nextCursor: string } = (await ask('requests', { from: '2026-11-01T00:00:00Z', limit: 7, ...(cursor !== null && { cursor }) })).data
    seen.push(...page.data.map(({ requestId }) => requestId))
    moments.push(...page.data.map((row) => row.at))
    if (!page.hasMore) break
    await record({ now: new Date(noon.getTime() + seen.length) }) // what comes meanwhile shifts nothing
    cursor = page.nextCursor
  }
  expect(seen.toSorted()).toEqual(ids.toSorted())
  expect(moments).toEqual(moments.toSorted().toReversed())
})

test('usage.requests filters by key, status, operation, outcome, path and request', async () => {
  const other = newId('key')
  const [a, b, c, d, old] = await record(
    { keyId: other }, { ...failed('not_found', 404) }, { operationId: 'contacts.batch', status: 200 }, { operationId: 'contacts.upsert', status: 201 },
    { now: at('10T08:00:00.000') },
  )
  const found = async (more: object) => (await ask('requests', more)).data.data.map(({ requestId }: { requestId: string }) => requestId).toSorted()
  expect(await found({ keyId: other })).toEqual([a])
  expect(await found({ status: 404 })).toEqual([b])
  expect(await found({ status: 201 })).toEqual([d])
  expect(await found({ outcome: 'not_found' })).toEqual([b])
  expect(await found({ operation: 'contacts.batch' })).toEqual([c])
  expect(await found({ path: '/v1/contacts/ada@example.com' })).toEqual([a, b, d].toSorted())
  expect(await found({ path: '/v1/contacts/{idOrEmail}', operation: 'contacts.upsert' })).toEqual([d])
  expect(await found({ path: '/v1/contacts/batch' })).toEqual([c])
  expect(await found({ path: '/v1/contacts', operation: 'contacts.batch' })).toEqual([])
  expect(await found({ requestId: b })).toEqual([b])
  expect(await found({ from: '2026-11-10T00:00:00Z', to: '2026-11-11T00:00:00Z' })).toEqual([old])
})

test('usage.requests finds a request by its id alone, however long ago', async () => {
  const [id] = await record({})
  management.state.now = new Date(noon.getTime() + 20 * 86_400_000)
  expect((await ask('requests')).data.data).toEqual([])
  expect((await ask('requests', { requestId: id })).data.data).toMatchObject([{ requestId: id }])
})

test('usage.requests names what it refuses', async () => {
  const refusals = await Promise.all([
    { from: '2026-11-22T12:00:00Z', to: '2026-11-22T12:00:00Z' }, { from: '2026-10-01T00:00:00Z' }, { path: '/v1/nowhere' }, { operation: 'nothing' },
    { cursor: 'abc' }, { cursor: Buffer.from('2.99.con_01jd8x0000e00000000000000a').toString('base64url') }, { status: 99 }, { from: 'yesterday' }, { limit: 101 },
  ].map((more) => ask('requests', more)))
  expect(refusals.map((answer) => [answer.status, answer.error.data.issues[0].path])).toEqual([
    [400, 'from'], [400, 'from'], [400, 'path'], [400, 'operation'], [400, 'cursor'], [400, 'cursor'], [400, 'status'], [400, 'from'], [400, 'limit'],
  ])
  expect((await management.query('usage.requests', { workspaceId: newId('workspace') })).status).toBe(404)
})

test('usage.requests ends a search that takes too long, and says what to do', async () => {
  await record({})
  await management.db.transaction().execute(async (tx) => {
    await sql`lock table usage_requests in access exclusive mode`.execute(tx)
    const answer = await ask('requests')
    expect([answer.status, answer.error.data.code, answer.error.message]).toEqual([
      400, 'invalid_request', 'The search took longer than 3 seconds. Narrow the time: a later `from`, an earlier `to`.',
    ])
  })
}, 15_000)

test('what one workspace asks shows nothing of another', async () => {
  const theirs = await createTenant()
  const [id] = await record({ environmentId: theirs.environmentId, keyId: theirs.keyId })
  expect((await ask('summary', { mode: 'live' })).data.requests.total).toBe(0)
  expect((await ask('requests', { keyId: theirs.keyId })).data.data).toEqual([])
  expect((await ask('requests', { requestId: id })).data.data).toEqual([])
  expect((await ask('timeseries', { from: '2026-11-22T00:00:00Z', to: '2026-11-23T00:00:00Z', step: 'day', keyId: theirs.keyId })).data.series).toEqual([])
})

test('usage.attempts shows who tried without a key, most attempts first', async () => {
  const claimedKeyId = newId('key')
  const strangers = { principal: null, ...failed('invalid_key', 401) }
  await record(...Array.from({ length: 3 }, () => ({ ...strangers, ip: '198.51.100.4', claimedKeyId })), { ...strangers, ip: '203.0.113.9' })
  const attempts = async (more: object = {}) => (await management.query('usage.attempts', more)).data.data
  expect(await attempts()).toEqual([
    { sourceIp: '198.51.100.4', reason: 'invalid_key', claimedKeyId, attempts: 3, lastAt: noon.toISOString() },
    { sourceIp: '203.0.113.9', reason: 'invalid_key', claimedKeyId: null, attempts: 1, lastAt: noon.toISOString() },
  ])
  expect(await attempts({ sourceIp: '203.0.113.9' })).toHaveLength(1)
  expect(await attempts({ claimedKeyId })).toHaveLength(1)
  expect(await attempts({ to: '2026-11-22T11:00:00Z' })).toEqual([])
})

test('usage.setRetention is in force for the next sweep and the next batch, and is in the audit log', async () => {
  const inForce = () => management.query('usage.getRetention', {}).then(({ data }) => data.retention)
  const requestsOf = async (day: string) => (await ask('requests', { from: `2026-11-${day}T00:00:00Z`, to: `2026-11-${day}T23:59:59Z` })).data.data.length
  const run = () => sweep({ db: management.db, clock: () => management.state.now }, (error) => { throw error })
  expect(await inForce()).toEqual({ requestDays: 30, minuteDays: 90, attemptDays: 30 })
  await record({ now: at('19T12:00:00.000') }, { now: at('20T12:00:00.000') })
  const { data } = await management.mutate('usage.setRetention', { requestDays: 2 })
  expect(data.retention).toEqual({ requestDays: 2, minuteDays: 90, attemptDays: 30 })
  await run()
  expect([await requestsOf('19'), await requestsOf('20')]).toEqual([0, 1])
  expect((await management.mutate('usage.setRetention', { requestDays: 40 })).data.revision).toBe(data.revision + 1)
  expect((await management.mutate('usage.setRetention', { requestDays: 40 })).data.revision).toBe(data.revision + 1)
  await record({ now: at('19T12:00:00.000') })
  management.state.now = new Date(noon.getTime() + 30 * 86_400_000)
  await run()
  expect([await requestsOf('19'), await requestsOf('20')]).toEqual([1, 1])
  expect((await ask('summary', { from: '2026-11-19T00:00:00Z', to: '2026-11-20T00:00:00Z' })).data.requests.total).toBe(2)
  expect((await management.mutate('usage.setRetention', { requestDays: 0, minuteDays: 401 })).error.data.issues.map(({ path }: { path: string }) => path))
    .toEqual(['requestDays', 'minuteDays'])
  await management.mutate('usage.setRetention', { requestDays: 30 })
})
