import { connect } from '@letterlock/db'
import { operationIds, operations } from '@letterlock/contract'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { makeThings, type Sample, samples, type Things } from './operation-samples.ts'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
let foreign: { key: string; environmentId: string; things: Things }
beforeAll(async () => {
  server = await startTestServer()
  const created = await server.manage('workspaces.create', { name: 'Other' })
  const { workspace, environments } = created.body.result.data
  const made = await server.manage('keys.create', {
    workspaceId: workspace.id, mode: 'live', name: 'other',
    scopes: ['contacts:write', 'lists:write', 'campaigns:write', 'emails:send'],
  })
  const key = made.body.result.data.secret
  foreign = { key, environmentId: environments.live.id, things: await makeThings(server, key) }
  await settle(foreign.environmentId)
})
afterAll(() => server.stop())

/** Waits until what the server does behind its answers is done for the foreign environment: usage saved, mail sent. */
async function settle(environmentId: string): Promise<void> {
  const db = connect({ connectionString: server.connectionString, max: 1, applicationName: 'test' })
  const settled = async () => {
    const { rows } = await sql<{ requests: number | null; sent: number }>`select
      (select sum(requests)::int from usage_minutes where environment_id = ${environmentId}) as requests,
      (select count(*) from emails where environment_id = ${environmentId} and state = 'sent') as sent`.execute(db)
    return rows[0]?.requests === 4 && rows[0].sent === 1
  }
  await vi.waitUntil(settled, { timeout: 25_000, interval: 100 })
  await db.destroy()
}

const never: Things = {
  contactId: `con_${'0'.repeat(26)}`, email: 'never@example.com', listId: `lst_${'0'.repeat(26)}`,
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

function without(text: string, requestId: string): string {
  return text.replaceAll(requestId, '')
}

const naming = operationIds.filter((id) => !('namesNothing' in samples[id]))

describe.each(naming)('%s on a thing of another environment', (id) => {
  test('answers like a thing that never was, and changes no row', async () => {
    const sample: Sample = samples[id]
    const { method } = operations[id]
    const before = await hashOfEnvironment(foreign.environmentId)
    const ask = (things: Things) => server.call(method, sample.path(things), { body: sample.body?.(things) })
    const [theirs, nobodys] = [await ask(foreign.things), await ask(never)]
    expect(theirs.status).toBe(nobodys.status)
    const texts = [theirs, nobodys].map((answer) => without(answer.text, answer.headers.get('x-request-id') ?? ''))
    expect(texts[0]).toBe(texts[1])
    expect(await hashOfEnvironment(foreign.environmentId)).toBe(before)
  })
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
