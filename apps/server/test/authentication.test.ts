import { letterlockKeys } from '@letterlock/keys'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

const get = (headers: Record<string, string>) => server.call('GET', '/key', { key: null, headers })

test.each([
  ['no header', {}],
  ['an empty header', { authorization: '' }],
  ['another scheme', { authorization: 'Basic YTpi' }],
  ['the scheme alone', { authorization: 'Bearer' }],
  ['the scheme and a blank', { authorization: 'Bearer ' }],
])('%s is missing_key', async (_, headers) => {
  const answer = await get(headers as Record<string, string>)
  expect(answer).toMatchObject({ status: 401, body: { code: 'missing_key' } })
  expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="letterlock"')
})

test('the scheme may be written in any case', async () => {
  for (const scheme of ['bearer', 'BEARER', 'Bearer ']) {
    expect((await get({ authorization: `${scheme} ${server.liveKey}` })).status).toBe(200)
  }
})

test('unknown, malformed and wrong keys are the same answer', async () => {
  const unknown = letterlockKeys.issue({ mode: 'live' }).token
  const parsed = letterlockKeys.parse(server.liveKey)
  const keyId = parsed.ok ? parsed.keyId : undefined
  const wrong = letterlockKeys.issue({ mode: 'live', ...(keyId && { keyId }) }).token
  const candidates = [unknown, wrong, 'x', 'a b', server.rootKey, server.liveKey.slice(0, -1), `${server.liveKey}x`, 'x'.repeat(8_000)]
  const answers = await Promise.all(candidates.map((key) => get({ authorization: `Bearer ${key}` })))
  const shapes = answers.map(({ status, text, headers }) => {
    const requestId = headers.get('x-request-id') ?? ''
    return [status, text.replaceAll(requestId, ''), [...headers.keys()].sort().join()].join()
  })
  expect(new Set(shapes).size).toBe(1)
  expect(answers[0]?.body.code).toBe('invalid_key')
})

test('a revoked key is refused from the next request on', async () => {
  const { key, secret } = (await server.manage('keys.create', { workspaceId: server.workspaceId, mode: 'live', name: 'short' })).body.result.data
  expect((await server.call('GET', '/key', { key: secret })).status).toBe(200)
  const revoked = await server.manage('keys.revoke', { keyId: key.id })
  expect(revoked.body.result.data.revision).toBeGreaterThan(0)
  const answer = await server.call('GET', '/key', { key: secret })
  expect(answer).toMatchObject({ status: 401, body: { code: 'revoked_key' } })
})

test('a holder revokes his own key', async () => {
  const { secret } = (await server.manage('keys.create', { workspaceId: server.workspaceId, mode: 'test', name: 'own' })).body.result.data
  expect((await server.call('POST', '/key/revoke', { key: secret })).status).toBe(200)
  expect((await server.call('GET', '/key', { key: secret })).body.code).toBe('revoked_key')
})

test('a key in a URL or a body is exposed and refused, wherever it was sent', async () => {
  for (const refused of [
    await server.call('GET', `/key?api_key=${server.testKey}`),
    await server.call('GET', `/contacts/${server.testKey}`),
    await server.call('POST', '/lists', { key: null, body: { name: 'x', apiKey: server.testKey } }),
    await server.call('POST', '/lists', { body: { name: `named ${server.testKey}` } }),
    await server.call('GET', `/nothing?api_key=${server.testKey}`),
    await server.call('DELETE', `/usage?api_key=${server.testKey}`),
    await server.call('GET', `/../u/${server.testKey}`),
  ]) expect(refused).toMatchObject({ status: 401, body: { code: 'key_in_url' } })
  await expect.poll(server.output).toContain('is exposed')
  expect(server.output()).not.toContain(server.testKey.slice(35))
})

test('answers carry the limits and the key', async () => {
  const { secret, key } = (await server.manage('keys.create', {
    workspaceId: server.workspaceId, mode: 'live', name: 'limited', expiresIn: '10d', rateLimits: [{ name: 'few', limit: '2/60s' }],
  })).body.result.data
  const first = await server.call('GET', '/key', { key: secret })
  expect(first.headers.get('ratelimit-policy')).toBe('"few";q=2;w=60')
  expect(first.headers.get('ratelimit')).toMatch(/^"few";r=1;t=\d+$/)
  expect(first.headers.get('letterlock-key-id')).toBe(key.id)
  expect(first.headers.get('letterlock-key-expires-at')).toBe(key.expiresAt)
  await server.call('GET', '/key', { key: secret })
  const third = await server.call('GET', '/key', { key: secret })
  expect(third).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
  expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('an address outside the allow-list is refused, and a forwarded one does not count from anyone', async () => {
  const { secret } = (await server.manage('keys.create', {
    workspaceId: server.workspaceId, mode: 'live', name: 'pinned', ipAllow: ['203.0.113.0/24'],
  })).body.result.data
  const answer = await server.call('GET', '/key', { key: secret, headers: { 'x-forwarded-for': '203.0.113.7' } })
  expect(answer).toMatchObject({ status: 403, body: { code: 'ip_not_allowed' } })
})

test('behind a trusted proxy the forwarded address counts, and what the caller wrote before it does not', async () => {
  const proxied = await startTestServer({ LETTERLOCK_TRUSTED_PROXIES: '127.0.0.1' })
  try {
    const made = await proxied.manage('keys.create', { workspaceId: proxied.workspaceId, mode: 'live', name: 'pinned', ipAllow: ['203.0.113.0/24'] })
    const ask = async (forwarded?: string) => {
      const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
      return (await proxied.call('GET', '/key', { key: made.body.result.data.secret, headers })).status
    }
    expect(await ask('203.0.113.7')).toBe(200)
    expect(await ask('198.51.100.1, 203.0.113.7')).toBe(200)
    for (const refused of [undefined, '198.51.100.1', '203.0.113.7, 198.51.100.1', '203.0.113.7, garbage', '203.0.113.7 198.51.100.1']) {
      expect(await ask(refused), refused).toBe(403)
    }
  } finally {
    await proxied.stop()
  }
})
