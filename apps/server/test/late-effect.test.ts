import { connect } from '@letterlock/db'
import { once } from 'node:events'
import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ LETTERLOCK_MAX_STALENESS: '100ms' })
})
afterAll(() => server.stop())

async function createKey() {
  const input = { workspaceId: server.workspaceId, mode: 'live', name: 'slow', scopes: ['lists:write'], rateLimits: [{ name: 'few', limit: '3/1h' }] }
  return (await server.manage('keys.create', input)).body.result.data as { key: { id: string }; secret: string }
}

/** Begins to create a list: its header is sent, and of its body one character; `end` sends the rest. */
function begin(name: string, secret: string) {
  const sent = request(`${server.apiUrl}/v1/lists`, { method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' } })
  const answered = once(sent, 'response')
  sent.write('{')
  return async () => {
    sent.end(`"name":${JSON.stringify(name)}}`)
    const [response] = await answered
    let text = ''
    for await (const chunk of response) text += chunk
    return { status: response.statusCode as number, headers: response.headers, body: JSON.parse(text) }
  }
}

test('a request whose key is revoked while its body is on the way does nothing, and is answered and recorded as refused', async () => {
  const { key, secret } = await createKey()
  const end = begin('Too late', secret)
  await new Promise((resolve) => setTimeout(resolve, 300)) // authenticated, and longer ago than the staleness allows
  await server.manage('keys.revoke', { keyId: key.id })
  const answer = await end()
  expect(answer).toMatchObject({ status: 401, body: { code: 'revoked_key' }, headers: { 'letterlock-key-id': key.id } })
  expect((await server.call('GET', '/lists')).text).not.toContain('Too late')
  const db = connect({ connectionString: server.connectionString, max: 1, applicationName: 'test' })
  try {
    await expect.poll(() => db.selectFrom('usage_minutes').select(['operation', 'outcome', 'requests']).where('key_id', '=', key.id as never).execute(), { timeout: 5_000 })
      .toEqual([{ operation: 'lists.create', outcome: 'revoked_key', requests: 1 }])
  } finally {
    await db.destroy()
  }
})

test('a slow request takes one token, however often its key is looked at', async () => {
  const { secret } = await createKey()
  const end = begin('Slow', secret)
  await new Promise((resolve) => setTimeout(resolve, 300))
  const answer = await end()
  expect(answer.status).toBe(201)
  expect(answer.headers['ratelimit']).toMatch(/^"few";r=2;/)
  expect((await server.call('POST', '/lists', { key: secret, body: { name: 'Quick' } })).headers.get('ratelimit')).toMatch(/^"few";r=1;/)
})
