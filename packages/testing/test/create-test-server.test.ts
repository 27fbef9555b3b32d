import { Letterlock } from 'letterlock'
import { verifyWebhook } from 'letterlock/webhooks'
import { expect, onTestFinished, test } from 'vitest'
import { createTestServer, type TestServer } from '../src/index.ts'

async function rig(options: Parameters<typeof createTestServer>[0] = {}) {
  const server = await createTestServer(options)
  onTestFinished(() => server.close())
  return server
}

const clientOf = (server: TestServer, apiKey: string, more = {}) => new Letterlock({ apiKey, baseUrl: server.url, maxRetries: 0, ...more })
const codeOf = (call: PromiseLike<unknown>) => Promise.resolve(call).then(() => 'ok', (error: { code: string }) => error.code)

test('a key is what it was made with, and what it lacks answers 403 with the scope', async () => {
  const server = await rig()
  const key = server.keys.create({ scopes: ['contacts:read'], name: 'reader', mode: 'test' })
  const letterlock = clientOf(server, key.token)
  expect(await letterlock.key.get()).toMatchObject({ id: key.id, name: 'reader', mode: 'test', scopes: ['contacts:read'] })
  await expect(letterlock.contacts.create({ email: 'ada@example.com' })).rejects.toMatchObject({
    status: 403, code: 'insufficient_scope', requiredScope: 'contacts:write', keyScopes: ['contacts:read'],
  })
})

test('a key expires at its moment, by the clock of the test', async () => {
  const server = await rig({ now: '2026-11-22T09:00:00.000Z' })
  const key = server.keys.create({ expires: '1d' })
  const letterlock = clientOf(server, key.token)
  server.clock.advance(86_400_000 - 1)
  expect(await codeOf(letterlock.key.get())).toBe('ok')
  server.clock.advance('1ms')
  await expect(letterlock.key.get()).rejects.toMatchObject({ status: 401, code: 'expired_key' })
})

test('rotate() makes a second secret, and the first one retires after the overlap', async () => {
  const server = await rig({ now: '2026-11-22T09:00:00.000Z' })
  const key = server.keys.create()
  const [before, after] = [key.token, key.rotate({ overlap: '1h' })]
  expect(key.token).toBe(after)
  const old = await clientOf(server, before).key.get().withResponse()
  expect(old.response.headers.get('letterlock-key-superseded')).toBe('true')
  server.clock.advance('1h')
  expect(await codeOf(clientOf(server, before).key.get())).toBe('retired_secret')
  expect(await codeOf(clientOf(server, after).key.get())).toBe('ok')
})

test('the client goes on with the next secret by itself', async () => {
  const server = await rig()
  const key = server.keys.create()
  const letterlock = new Letterlock({ keys: [key.token, key.rotate({ overlap: '5m' })], baseUrl: server.url, logLevel: 'off' })
  expect(await codeOf(letterlock.key.get())).toBe('ok')
  server.clock.advance('5m')
  expect(await codeOf(letterlock.key.get())).toBe('ok')
  expect(server.requests.map(({ outcome, secretVersion }) => [outcome, secretVersion])).toEqual([['ok', 1], ['retired_secret', 1], ['ok', 2]])
})

test.each([
  ['revoke', 'revoked_key'], ['disable', 'disabled_key'],
] as const)('%s() is in force for the next request', async (verb, code) => {
  const server = await rig()
  const key = server.keys.create()
  key[verb]()
  expect(await codeOf(clientOf(server, key.token).key.get())).toBe(code)
  key.enable()
  expect(await codeOf(clientOf(server, key.token).key.get())).toBe(verb === 'disable' ? 'ok' : code)
})

test('limits are counted by the clock of the test, and said in the header', async () => {
  const server = await rig({ now: '2026-11-22T09:00:00.000Z' })
  const letterlock = clientOf(server, server.keys.create({ rateLimits: [{ name: 'default', limit: '2/10s' }] }).token)
  const { response } = await letterlock.key.get().withResponse()
  expect(response.headers.get('ratelimit')).toBe('"default";r=1;t=5')
  expect(response.headers.get('ratelimit-policy')).toBe('"default";q=2;w=10')
  await letterlock.key.get()
  await expect(letterlock.key.get()).rejects.toMatchObject({ status: 429, code: 'rate_limited' })
  server.clock.advance('5s')
  expect(await codeOf(letterlock.key.get())).toBe('ok')
})

test('a quota ends, names its meter, and begins anew with the month', async () => {
  const server = await rig({ now: '2026-11-22T09:00:00.000Z' })
  server.setQuota('emails.sent', 1)
  const letterlock = clientOf(server, server.keys.create().token)
  const send = () => letterlock.emails.send({ from: 'a@acme.example', to: 'ada@example.com', subject: 'Hi', text: 'Hi' })
  await send()
  await expect(send()).rejects.toMatchObject({ code: 'quota_exceeded', meter: 'emails.sent', limit: 1, resetsAt: '2026-12-01T00:00:00.000Z' })
  expect((await letterlock.usage.get()).data).toContainEqual({ meter: 'emails.sent', used: 1, limit: 1, resetsAt: '2026-12-01T00:00:00.000Z' })
  server.clock.advance('9d')
  expect(await codeOf(send())).toBe('ok')
})

test('an Idempotency-Key answers again without doing it again, for 24 hours, and refuses another body', async () => {
  const server = await rig({ now: '2026-11-22T09:00:00.000Z' })
  const letterlock = clientOf(server, server.keys.create().token)
  const create = (name: string) => letterlock.lists.create({ name }, { idempotencyKey: 'once' }).withResponse()
  const [first, second] = [await create('News'), await create('News')]
  expect(second.data).toEqual(first.data)
  expect([first, second].map(({ response }) => response.headers.get('idempotency-replayed'))).toEqual([null, 'true'])
  await expect(create('Other')).rejects.toMatchObject({ status: 422, code: 'idempotency_mismatch' })
  server.clock.advance('24h')
  expect((await create('Other')).data.name).toBe('Other')
})

test('faults hit so many requests, and one afterwards did its work', async () => {
  const server = await rig()
  const letterlock = clientOf(server, server.keys.create().token)
  server.faults.add('unavailable', { times: 2, retryAfterSeconds: 7 })
  const error = await letterlock.key.get().then(() => null, (thrown: { headers: Headers }) => thrown)
  expect(error).toMatchObject({ status: 503, code: 'unavailable' })
  expect(await codeOf(letterlock.key.get())).toBe('unavailable')
  server.faults.add('connection_reset', { operation: 'lists.create', times: 1, afterwards: true })
  expect(await codeOf(letterlock.key.get())).toBe('ok')
  expect(await codeOf(letterlock.lists.create({ name: 'Lost answer' }))).toBe('connection_failed')
  expect(await letterlock.lists.list().toArray({ limit: 5 })).toMatchObject([{ name: 'Lost answer' }])
})

test('a lost answer costs nothing where the client repeats with its Idempotency-Key', async () => {
  const server = await rig()
  const letterlock = clientOf(server, server.keys.create().token, { maxRetries: 2 })
  server.faults.add('connection_reset', { operation: 'lists.create', times: 1, afterwards: true })
  await letterlock.lists.create({ name: 'Once' })
  expect(await letterlock.lists.list().toArray({ limit: 5 })).toHaveLength(1)
})

test.each(['port', 'fetch'] as const)('no_answer keeps a request waiting until it times out, over the %s', async (door) => {
  const server = await rig()
  const letterlock = clientOf(server, server.keys.create().token, { timeoutMs: 50, ...(door === 'fetch' && { fetch: server.fetch, baseUrl: 'http://letterlock.test' }) })
  server.faults.add('no_answer', { times: 1 })
  expect(await codeOf(letterlock.key.get())).toBe('timeout')
  expect(await codeOf(letterlock.key.get())).toBe('ok')
})

test('fetch() is the same server without a port', async () => {
  const server = await rig()
  const letterlock = clientOf(server, server.keys.create().token, { fetch: server.fetch, baseUrl: 'http://letterlock.test' })
  const { id } = await letterlock.lists.create({ name: 'News' })
  expect(await clientOf(server, server.keys.create().token).lists.get(id)).toMatchObject({ id })
  server.faults.add('connection_reset', { times: 1 })
  expect(await codeOf(letterlock.key.get())).toBe('connection_failed')
})

test('settle() sends what is queued: the outbox has the messages, and the events are signed webhooks', async () => {
  const server = await rig({ now: '2026-11-22T09:00:00.000Z' })
  const seen: unknown[] = []
  const endpoint = server.webhooks.add({
    receiver: async (request) => {
      seen.push(await verifyWebhook({ body: await request.text(), headers: request.headers }, endpoint.secrets, { now: server.clock.now().getTime() }))
      return new Response()
    },
    events: ['email.delivered', 'email.bounced', 'campaign.sent'],
  })
  const letterlock = clientOf(server, server.keys.create().token)
  const list = await letterlock.lists.create({ name: 'News' })
  await letterlock.contacts.upsert('ada@example.com', { firstName: 'Ada', listIds: [list.id] })
  await letterlock.contacts.upsert('bounced@simulator.letterlock.test', { listIds: [list.id] })
  const { id } = await letterlock.campaigns.create({
    name: 'October', subject: 'Hello {{ contact.firstName | default: "you" }}', html: '<p>News</p>', from: 'Acme <hello@acme.example>', listIds: [list.id],
  })
  await letterlock.campaigns.send(id)
  expect(await letterlock.campaigns.get(id)).toMatchObject({ status: 'sending' })
  await server.settle()
  expect(await letterlock.campaigns.get(id)).toMatchObject({ status: 'sent' })
  expect(await letterlock.campaigns.stats(id)).toMatchObject({ audience: 2, sent: 2, delivered: 1, bounced: 1 })
  expect(server.outbox.map(({ to, subject }) => [to, subject])).toEqual([[['ada@example.com'], 'Hello Ada'], [['bounced@simulator.letterlock.test'], 'Hello you']])
  expect(seen).toMatchObject([{ type: 'email.delivered' }, { type: 'email.bounced', data: { bounce: 'hard' } }, { type: 'campaign.sent', data: { id } }])
  expect((await letterlock.contacts.get('bounced@simulator.letterlock.test')).suppressed).toBe(true)
})

test('a webhook that is not taken comes again with the same id', async () => {
  const server = await rig()
  const ids: (string | null)[] = []
  const endpoint = server.webhooks.add({ receiver: (request) => new Response(null, { status: ids.push(request.headers.get('webhook-id')) === 1 ? 500 : 204 }) })
  await server.webhooks.send('contact.deleted', { id: 'con_01k8zv3hq5e7tbd6j2m9w4xypn', email: 'ada@example.com' })
  await server.settle()
  await server.settle()
  expect(ids).toHaveLength(2)
  expect(ids[1]).toBe(ids[0])
  expect(endpoint.deliveries).toMatchObject([{ type: 'contact.deleted', status: 204, attempts: 2 }])
})

test('tells of keys that end: 30, 7 and 1 days before, and then, each once', async () => {
  const server = await rig({ now: '2026-11-22T09:00:00.000Z' })
  const endpoint = server.webhooks.add({ receiver: () => new Response(), events: ['key.expiring', 'key.expired', 'key.secret_retired'] })
  server.keys.create({ expires: '31d' }).rotate({ overlap: '1h' })
  for (let day = 0; day <= 31; day++) {
    await server.settle()
    await server.settle()
    server.clock.advance('1d')
  }
  expect(endpoint.deliveries.map(({ type, body }) => [type, JSON.parse(body).data.warnBefore])).toEqual([
    ['key.secret_retired', undefined], ['key.expiring', '30d'], ['key.expiring', '7d'], ['key.expiring', '1d'], ['key.expired', undefined],
  ])
})

test('suspend(), ipAllow and a key in the URL are refused as by the server', async () => {
  const server = await rig()
  const key = server.keys.create({ ipAllow: ['203.0.113.0/24'] })
  expect(await codeOf(clientOf(server, key.token).key.get())).toBe('ip_not_allowed')
  const response = await fetch(`${server.url}/v1/key?key=${key.token}`)
  expect(response.status).toBe(401)
  expect(await response.json()).toMatchObject({ code: 'key_in_url' })
  key.update({ ipAllow: [] })
  server.suspend()
  expect(await codeOf(clientOf(server, key.token).key.get())).toBe('workspace_suspended')
  server.resume()
  expect(await codeOf(clientOf(server, key.token).key.get())).toBe('ok')
})

test('modes have data of their own', async () => {
  const server = await rig()
  const [live, testing] = [clientOf(server, server.keys.create().token), clientOf(server, server.keys.create({ mode: 'test' }).token)]
  const { id } = await live.lists.create({ name: 'Live' })
  expect(await codeOf(testing.lists.get(id))).toBe('not_found')
})

test('requests are recorded as they come, without their keys, also those that get no answer', async () => {
  const server = await rig({ now: '2026-11-22T09:00:00.000Z' })
  const { token, id } = server.keys.create()
  server.faults.add('no_answer', { operation: 'lists.create' })
  const [read, waiting] = [await clientOf(server, token).key.get().withResponse(), fetch(`${server.url}/v1/lists?key=${token}`, { method: 'POST' }).catch(() => 'cut')]
  await expect.poll(() => server.requests.length).toBe(2)
  expect(server.requests).toMatchObject([{ operation: 'key.get', outcome: 'ok', status: 200, keyId: id, secretVersion: 1 }, { outcome: 'no_answer', status: null }])
  expect(JSON.stringify(server.requests.map(({ headers, ...rest }) => [...headers, rest]))).not.toContain(token)
  expect(read.response.headers.get('date')).toBe('Sun, 22 Nov 2026 09:00:00 GMT')
  server.faults.clear()
  expect(await waiting).toBe('cut')
})

test('a quota fault says when it ends', async () => {
  const server = await rig({ now: '2026-11-22T09:00:00.000Z' })
  server.faults.add('quota_exceeded', { times: 1 })
  await expect(clientOf(server, server.keys.create().token).key.get()).rejects.toMatchObject({ status: 429, meter: 'emails.sent', resetsAt: '2026-12-01T00:00:00.000Z' })
})

test('unsubscribe() is the link in a message of a campaign: told once, for ever, and counted', async () => {
  const server = await rig()
  const endpoint = server.webhooks.add({ receiver: () => new Response(), events: ['email.unsubscribed'] })
  const letterlock = clientOf(server, server.keys.create().token)
  const [news, other] = [await letterlock.lists.create({ name: 'News' }), await letterlock.lists.create({ name: 'Other' })]
  const contact = await letterlock.contacts.create({ email: 'ada@example.com', listIds: [news.id, other.id] })
  const { id } = await letterlock.campaigns.create({ name: 'x', subject: 'x', html: 'x', from: 'a@acme.example', listIds: [news.id] })
  await letterlock.campaigns.send(id)
  await server.settle()
  const [message] = server.outbox
  if (!message) throw new Error('the campaign was sent')
  server.unsubscribe(message)
  server.unsubscribe(message)
  await server.settle()
  expect((await letterlock.contacts.get(contact.id)).lists).toEqual([{ id: news.id, status: 'unsubscribed' }, { id: other.id, status: 'subscribed' }])
  expect(await letterlock.lists.addContacts(news.id, { contactIds: [contact.id] })).toMatchObject({ added: 0, refused: [{ contactId: contact.id, code: 'unsubscribed' }] })
  expect(await letterlock.campaigns.stats(id)).toMatchObject({ unsubscribed: 1 })
  expect(endpoint.deliveries).toMatchObject([{ type: 'email.unsubscribed', status: 200 }])
  await letterlock.emails.send({ from: 'a@acme.example', to: 'ada@example.com', subject: 'x', text: 'x' })
  await server.settle()
  expect(() => server.unsubscribe(server.outbox[1] ?? message)).toThrow('Only messages of campaigns')
})

test('a printed key does not show its secret, and what was typed wrong is said at once', async () => {
  const server = await rig()
  const key = server.keys.create()
  expect(JSON.stringify(key)).not.toContain(key.token)
  expect(() => server.keys.create({ scopes: ['contact:read' as 'contacts:read'] })).toThrow('Did you mean contacts:read?')
  expect(() => server.keys.create({ rateLimits: [{ name: 'x', limit: '10 per s' }] })).toThrow('is no rate limit')
  expect(() => server.clock.advance('1 day')).toThrow('expected a duration')
})
