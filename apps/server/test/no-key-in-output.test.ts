import { operationIds, operations } from '@letterlock/contract'
import { letterlockKeys } from '@letterlock/keys'
import { connect } from '@letterlock/db'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { startSink } from '../src/jobs/sender/testing/sink.ts'
import { makeThings, type Sample, samples } from './operation-samples.ts'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

/** What of a key must never be seen: everything behind its id. */
function secretOf(key: string): string {
  return key.slice(-38)
}

test('no key that is planted anywhere appears in the output or in an answer', async () => {
  const things = await makeThings(server, server.liveKey)
  const planted = letterlockKeys.issue({ mode: 'live' }).token
  const answers: string[] = []
  const remember = async (answer: Promise<{ text: string }>) => void answers.push((await answer).text)
  for (const id of operationIds) {
    const { method } = operations[id]
    const sample: Sample = samples[id]
    if (id === 'key.revoke') continue
    const path = sample.path(things)
    const headers = { 'user-agent': planted, 'x-forwarded-for': planted, 'x-request-id': planted, cookie: planted, referer: planted, 'idempotency-key': planted }
    await remember(server.call(method, path, { headers: { ...headers, authorization: `Basic ${planted}` }, key: null, body: sample.body?.(things) }))
    await remember(server.call(method, path, { key: planted }))
    await remember(server.call(method, `${path}?x=${planted}`))
    await remember(server.call(method, `${path}${planted}`))
    await remember(server.call(method, path, { headers, body: sample.body && `{"${planted}": ` }))
    await remember(server.call(method, path, { headers, body: sample.body && { [planted]: 1 } }))
  }
  for (const path of [`/u/${planted}`, `/u/x?token=${planted}`]) {
    for (const method of ['GET', 'POST', 'PUT']) await remember(asked(`${server.apiUrl}${path}`, { method, headers: { referer: planted } }))
  }
  for (const path of [`messages?to=${planted}`, `messages?limit=${planted}`, `messages?cursor=${planted}`, `messages/${planted}/raw`]) {
    await remember(asked(`${server.managementUrl}/mailbox/${path}`))
  }
  for (const path of [planted, 'healthz', 'readyz', 'metrics', 'openapi.json']) await remember(asked(`${server.managementUrl}/${path}?x=${planted}`))
  for (const procedure of ['keys.create', 'workspaces.create', 'rootKeys.revoke']) {
    await remember(server.manage(procedure, { [planted]: 1, [`${'-'.repeat(40)}${planted}`]: 1 }))
    await remember(server.manage(procedure, { scopes: [planted], ipAllow: [planted], expiresIn: planted, rateLimits: [{ name: planted, limit: planted }] }))
  }
  for (const procedure of ['keys.create', 'workspaces.get', planted]) {
    await remember(server.manage(procedure, { id: planted, name: planted }))
    await remember(server.manage(procedure, { id: planted }, { query: true }))
    await remember(server.manage(procedure, {}, { key: planted }))
  }
  expect(answers.length).toBeGreaterThan(100)
  expect(answers.filter((text) => text.includes(secretOf(planted)))).toEqual([])
  expect(server.output()).not.toContain(secretOf(planted))
})

async function asked(url: string, init: RequestInit = {}): Promise<{ text: string }> {
  return { text: await (await fetch(url, init)).text() }
}

test('a key that a relay repeats in its refusal is neither stored nor logged', async () => {
  const planted = letterlockKeys.issue({ mode: 'live' }).token
  const relay = await startSink({ answer: (address) => ({ code: address.startsWith('soft') ? 451 : 550, text: `no such user, said ${planted}` }) })
  const sending = await startTestServer({ SMTP_URL: relay.url })
  try {
    const mail = { from: 'a@example.com', subject: 'Hi', text: 'Hi' }
    const reasonOf = async (to: string) => {
      const { id } = (await sending.call('POST', '/emails', { body: { ...mail, to } })).body
      return vi.waitUntil(async () => (await sending.call('GET', `/emails/${id}`)).body.reason, { timeout: 15_000, interval: 100 })
    }
    for (const to of ['hard@example.com', 'soft@example.com']) {
      const reason = await reasonOf(to)
      expect(reason).toContain('no such user')
      expect(reason).not.toContain(planted.slice(35, 60))
    }
    expect(sending.output()).not.toContain(planted.slice(35, 60))
  } finally {
    await sending.stop()
    await relay.close()
  }
})

test('a fault of ours is logged without the keys in it', async () => {
  const db = connect({ connectionString: server.connectionString, max: 1, applicationName: 'test' })
  await sql`alter table lists rename column description to description_gone`.execute(db)
  const planted = letterlockKeys.issue({ mode: 'live' }).token
  const answer = await server.call('POST', '/lists', { body: { name: `named ${planted.slice(0, -1)}` } })
  await sql`alter table lists rename column description_gone to description`.execute(db)
  await db.destroy()
  expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } })
  expect(answer.text).not.toMatch(/description|select|insert|column|\.ts/)
  expect(server.output()).toContain(answer.body.requestId)
  for (const key of [planted.slice(0, -1), server.liveKey, server.rootKey, server.testKey]) expect(server.output()).not.toContain(secretOf(key))
})

test('no table holds a secret', async () => {
  const db = connect({ connectionString: server.connectionString, max: 1, applicationName: 'test' })
  const tables = await sql<{ name: string }>`select table_name as name from information_schema.tables where table_schema = 'public'`.execute(db)
  expect(tables.rows.length).toBeGreaterThan(10)
  for (const { name } of tables.rows) {
    for (const key of [server.liveKey, server.rootKey, server.testKey]) {
      const hits = await sql<{ hits: number }>`select count(*) as hits from ${sql.table(name)} t where t::text like ${`%${secretOf(key)}%`}`.execute(db)
      expect(hits.rows, name).toEqual([{ hits: 0 }])
    }
  }
  await db.destroy()
})
