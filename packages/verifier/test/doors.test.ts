import { type HttpBindings, serve } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import express from 'express'
// @ts-expect-error the types of Express 5 are the ones installed
import express4 from 'express4'
import fastify from 'fastify'
import { type Context, Hono } from 'hono'
import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keyOf as keyOfExpress, requireKey as requireKeyOfExpress } from '../src/doors/express.ts'
import { keyOf as keyOfFastify, requireKey as requireKeyOfFastify } from '../src/doors/fastify.ts'
import type { DoorOptions, KeyUse } from '../src/doors/gate.ts'
import { guard, type KeyVariables, requireKey as requireKeyOfHono } from '../src/doors/hono.ts'
import type { Verifier } from '../src/index.ts'
import { keys, outage, root, startVerifier, unknown } from './door-keys.ts'
import { after, now } from './samples.ts'

interface Door {
  readonly url: string
  readonly uses: KeyUse[]
  readonly exposed: string[]
  readonly close: () => void
}

type Options = Pick<DoorOptions<unknown>, 'verify' | 'scope' | 'clock' | 'onUse' | 'onExposed'>
type Servers = Record<string, (options: Options) => Promise<Server>>

/** One and the same small service behind each door. */
const servers: Servers = {
  hono: async (options) => {
    const app = new Hono<{ Variables: KeyVariables }>()
    app.onError((_, c) => c.json({ broken: true }, 500))
    app.use('/v1/*', requireKeyOfHono(options))
    app.use('/poor', requireKeyOfHono({ ...options, quota: () => ({ meter: 'reports', amount: 1, reference: 'r1' }) }))
    app.use('/forwarded', requireKeyOfHono({ ...options, ip: (c) => c.req.header('x-forwarded-for') ?? null }))
    app.get('/v1/key', (c) => c.json({ keyId: c.get('key').keyId }))
    app.get('/forwarded', (c) => c.json({ keyId: c.var.key.keyId }))
    app.get('/v1/broken', () => {
      throw new Error('broken')
    })
    return listenHono(app)
  },
  'hono, a handler': (options) => {
    const app = new Hono()
    app.onError((_, c) => c.json({ broken: true }, 500))
    app.get('/v1/key', guard(options, (c, { keyId }) => c.json({ keyId })))
    app.get('/v1/broken', guard(options, () => {
      throw new Error('broken')
    }))
    const quota = () => ({ meter: 'reports', amount: 1, reference: 'r1' })
    app.get('/poor', guard({ ...options, quota }, (c) => c.json({})))
    const ip = (c: Context) => c.req.header('x-forwarded-for') ?? null
    app.get('/forwarded', guard({ ...options, ip }, async (c, { keyId }) => c.json({ keyId })))
    return listenHono(app)
  },
  'express 5': (options) => listenExpress(express(), options),
  'express 4': (options) => listenExpress(express4() as express.Express, options),
  fastify: async (options) => {
    const app = fastify({ forceCloseConnections: true })
    app.setErrorHandler((_, __, reply) => reply.code(500).send({ broken: true }))
    app.get('/v1/key', { onRequest: requireKeyOfFastify(options) }, async (request) => ({ keyId: keyOfFastify(request).keyId }))
    app.get('/v1/broken', { preHandler: requireKeyOfFastify(options) }, async () => {
      throw new Error('broken')
    })
    const quota = () => ({ meter: 'reports', amount: 1, reference: 'r1' })
    app.get('/poor', { onRequest: requireKeyOfFastify({ ...options, quota }) }, async () => ({}))
    const ip = (request: { headers: Record<string, unknown> }) => String(request.headers['x-forwarded-for'])
    app.get('/forwarded', { onRequest: requireKeyOfFastify({ ...options, ip }) }, async (request) => ({ keyId: keyOfFastify(request).keyId }))
    await app.listen({ port: 0, host: '127.0.0.1' })
    return app.server
  },
}

async function listenHono({ fetch }: { fetch: Hono<{ Bindings: HttpBindings }>['fetch'] }): Promise<Server> {
  const server = serve({ fetch, port: 0, hostname: '127.0.0.1' }) as Server // http
  await once(server, 'listening')
  return server
}

async function listenExpress(app: express.Express, options: Options): Promise<Server> {
  app.use('/v1', requireKeyOfExpress(options))
  app.get('/v1/key', (request, response) => void response.json({ keyId: keyOfExpress(request).keyId }))
  app.get('/v1/broken', () => {
    throw new Error('broken')
  })
  const quota = () => ({ meter: 'reports', amount: 1, reference: 'r1' })
  app.get('/poor', requireKeyOfExpress({ ...options, quota }), (_, response) => void response.json({}))
  const ip = (request: express.Request) => request.get('x-forwarded-for') ?? null
  app.get('/forwarded', requireKeyOfExpress({ ...options, ip }), (request, response) => void response.json({ keyId: keyOfExpress(request).keyId }))
  app.use(answerErrors(() => ({ broken: true })))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function answerErrors(body: (error: Error) => object): express.ErrorRequestHandler {
  // oxlint-disable-next-line max-params -- Express tells error handlers by their four parameters
  return (error: Error, _request, response, _next) => void response.status(500).json(body(error))
}

const verifiers: Verifier[] = []
const doors = new Map<string, Door>()
beforeAll(async () => {
  for (const [name, start] of Object.entries(servers)) {
    const verifier = await startVerifier() // its own, so that all doors count alike
    verifiers.push(verifier)
    const uses: KeyUse[] = []
    const exposed: string[] = []
    const { verify } = verifier
    const server = await start({ verify, scope: 'contacts:read', clock: () => now, onUse: (use) => uses.push(use), onExposed: (token) => exposed.push(token) })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    doors.set(name, { url, uses, exposed, close: () => void server.close() })
  }
})
afterAll(async () => {
  for (const { close } of doors.values()) close()
  for (const verifier of verifiers) await verifier.stop()
})

type Asked = { readonly path?: string; readonly key?: string | null; readonly headers?: Record<string, string> }

async function knock(door: Door, { path = '/v1/key', key = null, headers = {} }: Asked) {
  const response = await fetch(door.url + path, {
    headers: { connection: 'close', ...(key !== null && { authorization: `Bearer ${key}` }), ...headers },
  })
  const body = (await response.json()) as Record<string, unknown>
  return { status: response.status, headers: Object.fromEntries(response.headers), body }
}

/** What the doors say, without what the frameworks add of their own. */
const spoken = [
  'letterlock-key-id', 'letterlock-key-expires-at', 'letterlock-key-superseded', 'letterlock-limits', 'ratelimit', 'ratelimit-policy',
  'retry-after', 'www-authenticate', 'cache-control',
]

/** The same request through every door, each once; the answers are byte for byte the same. */
async function knockEverywhere(asked: Asked) {
  const answers = await Promise.all([...doors.values()].map((door) => knock(door, asked)))
  const compared = answers.map(({ status, headers, body }) => ({
    status,
    body: { ...body, requestId: typeof body['requestId'] } as Record<string, unknown>,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => spoken.includes(name) || (name === 'content-type' && status >= 400))),
    requestIds: headers['x-request-id'] === body['requestId'],
  }))
  for (const answer of compared) expect(answer).toEqual(compared[0])
  return compared[0] as (typeof compared)[number] // five doors
}

test.each<[string, number, string, Asked]>([
  ['no key', 401, 'missing_key', {}],
  ['another scheme', 401, 'missing_key', { headers: { authorization: 'Basic YTpi' } }],
  ['garbage', 401, 'invalid_key', { key: 'garbage' }],
  ['an unknown key', 401, 'invalid_key', { key: unknown }],
  ['a root key', 401, 'invalid_key', { key: root }],
  ['a revoked key', 401, 'revoked_key', { key: keys.revoked.token }],
  ['a disabled key', 401, 'disabled_key', { key: keys.disabled.token }],
  ['an expired key', 401, 'expired_key', { key: keys.expired.token }],
  ['a retired secret', 401, 'retired_secret', { key: keys.retired.token }],
  ['a key in the query', 401, 'key_in_url', { key: keys.good.token, path: `/v1/key?api_key=${keys.good.token}` }],
  ['a key in the query in percents', 401, 'key_in_url', { path: `/v1/key?k=${keys.good.token.replaceAll('_', '%5F')}` }],
  ['a key for another address', 403, 'ip_not_allowed', { key: keys.elsewhere.token, headers: { 'x-forwarded-for': '10.0.0.1' } }],
  ['a missing scope', 403, 'insufficient_scope', { key: keys.scopeless.token }],
  ['a suspended workspace', 403, 'workspace_suspended', { key: keys.suspended.token }],
  ['a used-up quota', 429, 'quota_exceeded', { key: keys.poor.token, path: '/poor' }],
  ['a store that is out', 503, 'unavailable', { key: outage }],
  ['a revision nobody has seen', 503, 'not_fresh', { key: keys.good.token, headers: { 'letterlock-min-revision': '99' } }],
  ['a revision that is none', 400, 'invalid_request', { key: keys.good.token, headers: { 'letterlock-min-revision': 'new' } }],
])('the doors answer %s with %i %s', async (...[, status, code, asked]) => {
  const answer = await knockEverywhere(asked)
  expect([answer.status, answer.body['code'], answer.requestIds]).toEqual([status, code, true])
  expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
  expect('www-authenticate' in answer.headers).toBe(status === 401 || code === 'insufficient_scope')
  expect('retry-after' in answer.headers).toBe(status === 429 || status === 503)
  expect(JSON.stringify(answer.body)).not.toMatch(/secret":|digest|pepper/)
})

test('the doors let a key through, tell its limits, and hand it to the route', async () => {
  const answer = await knockEverywhere({ key: keys.good.token })
  expect(answer).toMatchObject({ status: 200, body: { keyId: keys.good.keyId } })
  expect(answer.headers).toEqual({
    'letterlock-key-id': keys.good.keyId,
    'ratelimit-policy': '"burst";q=100;w=10, "day";q=5000;w=86400',
    ratelimit: '"burst";r=99;t=1, "day";r=4999;t=18',
  })
})

test('the doors tell of an expiry and of a newer secret', async () => {
  expect((await knockEverywhere({ key: keys.aging.token })).headers).toMatchObject({
    'letterlock-key-expires-at': after(86_400_000).toISOString(), 'letterlock-key-superseded': 'true',
  })
})

test('the doors refuse the second request of a key that may send one', async () => {
  expect((await knockEverywhere({ key: keys.tight.token })).status).toBe(200)
  const { status, headers, body } = await knockEverywhere({ key: keys.tight.token })
  expect([status, body['code'], headers['retry-after'], headers['ratelimit']]).toEqual([429, 'rate_limited', '60', '"tight";r=0;t=60'])
})

test('the doors see a revision that was reached', async () => {
  expect((await knockEverywhere({ key: keys.good.token, headers: { 'letterlock-min-revision': '7' } })).status).toBe(200)
})

test('the doors take an address from a header only when told to', async () => {
  const answer = await knockEverywhere({ key: keys.elsewhere.token, path: '/forwarded', headers: { 'x-forwarded-for': '10.0.0.1' } })
  expect([answer.status, answer.body['keyId']]).toEqual([200, keys.elsewhere.keyId])
})

describe.each(Object.keys(servers))('the door for %s', (name) => {
  function door(): Door {
    return doors.get(name) as Door // filled in before
  }

  test('tells of every request after its answer, refused or not', async () => {
    door().uses.length = 0
    await knock(door(), { key: keys.good.token })
    await knock(door(), { key: keys.revoked.token })
    await knock(door(), { key: 'garbage' })
    await expect.poll(() => door().uses.length).toBe(3)
    expect(door().uses).toMatchObject([
      { outcome: 'ok', status: 200, key: { keyId: keys.good.keyId }, scope: 'contacts:read', ip: '127.0.0.1', startedAt: now, durationMs: expect.any(Number) },
      { outcome: 'revoked_key', status: 401, key: { keyId: keys.revoked.keyId } },
      { outcome: 'invalid_key', status: 401, key: null },
    ])
  })

  test('tells the status of a route that broke, whose answer names the key all the same', async () => {
    door().uses.length = 0
    const { status, headers, body } = await knock(door(), { key: keys.good.token, path: '/v1/broken' })
    expect([status, body, headers['letterlock-key-id']]).toEqual([500, { broken: true }, keys.good.keyId])
    await expect.poll(() => door().uses).toMatchObject([{ outcome: 'ok', status: 500 }])
  })

  test('tells of keys that came in a URL', async () => {
    door().exposed.length = 0
    await knock(door(), { path: `/v1/key?a=${keys.good.token}&b=${keys.good.token}` })
    expect(door().exposed).toEqual([keys.good.token])
  })
})

describe('the doors for Hono', () => {
  test.each(['requireKey()', 'guard()'])('%s works without Node below it, where no address is known', async (name) => {
    const verifier = await startVerifier()
    const uses: KeyUse[] = []
    const options = { verify: verifier.verify, clock: () => now, onUse: (use: KeyUse) => void uses.push(use) }
    const app = new Hono<{ Variables: KeyVariables }>()
    if (name === 'guard()') app.get('/', guard(options, (c, { keyId }) => c.json({ keyId }, 203)))
    else app.get('/', requireKeyOfHono(options), (c) => c.json({ keyId: c.var.key.keyId }, 203))
    app.get('/broken', guard(options, () => {
      throw new Error('broken')
    }))
    const ask = (token: string, path = '/') => app.request(path, { headers: { authorization: `Bearer ${token}` } })
    app.onError((_, c) => c.json({}, 500))
    const answer = await ask(keys.good.token)
    expect([answer.status, answer.headers.get('letterlock-key-id')]).toEqual([203, keys.good.keyId])
    expect(await answer.json()).toEqual({ keyId: keys.good.keyId })
    expect((await ask(keys.elsewhere.token)).status).toBe(403)
    expect((await ask(keys.good.token, '/broken')).status).toBe(500)
    expect(uses.map(({ outcome, status }) => `${outcome} ${status}`)).toEqual(['ok 203', 'ip_not_allowed 403', 'ok 500'])
    await verifier.stop()
  })

  test('states what it has to say beside headers that were set in any way', async () => {
    const verifier = await startVerifier()
    const app = new Hono<{ Bindings: HttpBindings }>()
    const options = { verify: verifier.verify, clock: () => now }
    app.get('/set', guard(options, (c) => {
      c.env.outgoing.setHeader('x-set', '1')
      return c.text('')
    }))
    app.get('/raw', guard(options, (c) => {
      c.env.outgoing.writeHead(200, 'Fine', { 'x-set': '1' }).end()
      return RESPONSE_ALREADY_SENT
    }))
    app.get('/list', guard(options, (c) => {
      c.env.outgoing.writeHead(200, ['x-set', '1']).end()
      return RESPONSE_ALREADY_SENT
    }))
    app.get('/own', guard(options, () => new Response('', { headers: { 'x-set': '1', ratelimit: 'mine' } })))
    const server = await listenHono(app)
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    for (const path of ['/set', '/raw', '/list', '/own']) {
      const { headers } = await fetch(url + path, { headers: { connection: 'close', authorization: `Bearer ${keys.aging.token}` } })
      expect([path, headers.get('x-set'), headers.get('letterlock-key-superseded')]).toEqual([path, '1', 'true'])
      expect(headers.get('ratelimit')).toMatch(path === '/own' ? /^mine$/ : /^"default";r=\d+;t=1$/)
    }
    server.close()
    await verifier.stop()
  })
})

describe('requireKey() of Express', () => {
  test('hands what a verifier throws to the error handler', async () => {
    const app = express()
    app.use(requireKeyOfExpress({ verify: () => Promise.reject(new Error('a fault')), clock: () => now }))
    app.use(answerErrors((error) => ({ said: error.message })))
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const answer = await knock({ url, uses: [], exposed: [], close: () => {} }, { path: '/', key: keys.good.token })
    expect([answer.status, answer.body]).toEqual([500, { said: 'a fault' }])
    server.close()
  })
})

test('keyOf() throws where no door was passed', () => {
  expect(() => keyOfExpress({})).toThrow('requireKey()')
})
