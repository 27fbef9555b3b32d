import { connect } from '@letterlock/db'
import { operationIds, operations } from '@letterlock/contract'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { makeThings, type Sample, samples, type Things } from './operation-samples.ts'
import { startTestServer, type TestAnswer, type TestServer } from './test-server.ts'

let server: TestServer
let foreign: { key: string; environmentId: string; things: Things }
beforeAll(async () => {
  server = await startTestServer()
  const created = await server.manage('workspaces.create', { name: 'Other' })
  const { workspace, environments } = created.body.result.data
  const made = await server.manage('keys.create', {
    workspaceId: workspace.id, mode: 'live', name: 'other',
    scopes: ['contacts:write', 'properties:write', 'lists:write', 'campaigns:write', 'emails:send'],
  })
  const key = made.body.result.data.secret
  foreign = { key, environmentId: environments.live.id, things: await makeThings(server, key) }
  await settle(foreign.environmentId)
})
afterAll(() => server.stop())

/** Waits until what the server does behind its answers is done for the foreign environment: usage and last use saved, mail sent. */
async function settle(environmentId: string): Promise<void> {
  const db = connect({ connectionString: server.connectionString, max: 1, applicationName: 'test' })
  const settled = async () => {
    const { rows } = await sql<{ requests: number | null; sent: number; is_use_noted: boolean | null }>`select
      (select max(last_used_at) from keys where environment_id = ${environmentId})
        = (select max(at) from usage_requests where environment_id = ${environmentId}) as is_use_noted,
      (select sum(requests)::int from usage_minutes where environment_id = ${environmentId}) as requests,
      (select count(*) from emails where environment_id = ${environmentId} and state = 'sent') as sent`.execute(db)
    return rows[0]?.requests === 6 && rows[0].sent === 1 && rows[0].is_use_noted === true
  }
  await vi.waitUntil(settled, { timeout: 25_000, interval: 100 })
  await db.destroy()
}

const never: Things = {
  contactId: `con_${'0'.repeat(26)}`, email: 'never@example.com', propertyKey: `p_${'q'.repeat(16)}`, listId: `lst_${'0'.repeat(26)}`,
  campaignId: `cmp_${'0'.repeat(26)}`, emailId: `eml_${'0'.repeat(26)}`,
}

/** A hash over every row that belongs to an environment. */
async function hashOfEnvironment(environmentId: string): Promise<string> {
  const db = connect({ connectionString: server.connectionString, max: 1, applicationName: 'test' })
  const tables = await sql<{ name: string }>`select table_name as name from information_schema.columns
    where column_name = 'environment_id' and table_schema = 'public' order by 1`.execute(db)
  expect(tables.rows.length).toBeGreaterThan(8)
  const hashes = []
  for (const { name } of tables.rows) {
    const hash = await sql<{ hash: string }>`select ${name} || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as hash
      from ${sql.table(name)} t where environment_id = ${environmentId}`.execute(db)
    hashes.push(hash.rows[0]?.hash)
  }
  await db.destroy()
  return hashes.join('\n')
}

/** All of an answer that could tell what is foreign from what never was. */
function seenOf({ status, text, headers }: TestAnswer) {
  const changing = new Set(['x-request-id', 'date', 'ratelimit'])
  const kept = [...headers].filter(([name]) => !changing.has(name)).sort()
  return { status, headers: kept, text: text.replaceAll(headers.get('x-request-id') ?? '', '') }
}

const naming = operationIds.filter((id) => !('namesNothing' in samples[id]))

describe.each(naming)('%s on a thing of another environment', (id) => {
  test('answers like a thing that never was, and changes no row', async () => {
    const sample: Sample = samples[id]
    const { method } = operations[id]
    const before = await hashOfEnvironment(foreign.environmentId)
    const ask = (things: Things) => server.call(method, sample.path(things), { body: sample.body?.(things) })
    const [theirs, nobodys] = [await ask(foreign.things), await ask(never)]
    expect(seenOf(theirs)).toEqual(seenOf(nobodys))
    expect(await hashOfEnvironment(foreign.environmentId)).toBe(before)
  })
})

const draft = { name: 'Hello', subject: 'Hello', html: '<p>Hello</p>', from: 'news@acme.example' }
const mixed: [what: string, method: string, path: (own: Things, other: Things) => string, body: (own: Things, other: Things) => unknown, status: number][] = [
  ['a draft to a list', 'POST', () => '/campaigns', (_, t) => ({ ...draft, listIds: [t.listId] }), 404],
  ['a draft to one’s own list and another', 'POST', () => '/campaigns', (own, t) => ({ ...draft, listIds: [own.listId, t.listId] }), 404],
  ['a draft that leaves out a list', 'POST', () => '/campaigns', (_, t) => ({ ...draft, excludeListIds: [t.listId] }), 404],
  ['lists of one’s own draft', 'PATCH', (own) => `/campaigns/${own.campaignId}`, (_, t) => ({ listIds: [t.listId] }), 404],
  ['left-out lists of one’s own draft', 'PATCH', (own) => `/campaigns/${own.campaignId}`, (_, t) => ({ excludeListIds: [t.listId] }), 404],
  ['a contact added to one’s own list', 'POST', (own) => `/lists/${own.listId}/contacts`, (_, t) => ({ contactIds: [t.contactId] }), 200],
  ['a contact taken off one’s own list', 'DELETE', (own) => `/lists/${own.listId}/contacts`, (_, t) => ({ contactIds: [t.contactId] }), 200],
  ['one’s own contact added to a list', 'POST', (_, t) => `/lists/${t.listId}/contacts`, (own) => ({ contactIds: [own.contactId] }), 404],
  ['a contact read by its address', 'GET', (_, t) => `/contacts/${t.email}`, () => undefined, 404],
  ['a contact changed by its address', 'PATCH', (_, t) => `/contacts/${t.email}`, () => ({ firstName: 'Mine' }), 404],
  ['a contact deleted by its address', 'DELETE', (_, t) => `/contacts/${t.email}`, () => undefined, 404],
  ['a property that another declared', 'POST', () => '/contacts', (_, t) => ({ email: 'own@example.com', properties: { [t.propertyKey]: 'x' } }), 400],
  ['contacts sought by address', 'GET', (_, t) => `/contacts?email=${t.email}`, () => undefined, 200],
  ['contacts sought by list', 'GET', (_, t) => `/contacts?listId=${t.listId}`, () => undefined, 200],
]

test.each(mixed)('%s of another environment is as one that never was, and changes no row', async (...[, method, path, body, status]) => {
  const own = await makeThings(server, server.liveKey)
  const before = await hashOfEnvironment(foreign.environmentId)
  const ask = async (things: Things) => {
    const { text, ...seen } = seenOf(await server.call(method, path(own, things), { body: body(own, things) }))
    const blank = Object.values(things).reduce((rest, id) => rest.replaceAll(id, ''), text)
    return { ...seen, text: blank }
  }
  const theirs = await ask(foreign.things)
  expect(theirs).toEqual(await ask(never))
  expect(theirs.status).toBe(status)
  expect(await hashOfEnvironment(foreign.environmentId)).toBe(before)
})

test('every single-thing operation answers 404 to what is foreign', async () => {
  const single = naming.filter((id) => operations[id].path.includes('{id'))
  const statuses = await Promise.all(single.map(async (id) => {
    const sample: Sample = samples[id]
    const answer = await server.call(operations[id].method, sample.path(foreign.things), { body: sample.body?.(foreign.things) })
    return `${id} ${answer.status}`
  }))
  expect(statuses).toEqual(single.map((id) => `${id} 404`))
})

test('a test key sees nothing of the live environment', async () => {
  const things = await makeThings(server, server.liveKey)
  const answer = await server.call('GET', `/contacts/${things.contactId}`, { key: server.testKey })
  expect(answer.status).toBe(404)
})
