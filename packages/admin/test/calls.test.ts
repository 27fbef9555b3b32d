import { letterlockKeys } from '@letterlock/keys'
import { describe, expect, test } from 'vitest'
import { AdminError, createAdmin } from '../src/index.ts'
import { isBrowser, type Surroundings } from '../src/browser-guard.ts'
import { output, refusal, rootKey, type Scripted, scripted } from './scripted-server.ts'

const none = output({ data: [], hasMore: false, nextCursor: null })
const failed = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error)

describe('on the wire', () => {
  test('a query is a GET with its input in the URL, a mutation a POST with it as body; both carry the key in one header', async () => {
    const { admin, seen } = await scripted([none])
    await admin.keys.list({ workspaceId: 'ws_1', owner: 'a & b' })
    await admin.keys.disable({ keyId: 'key_1' })
    const [query, mutation] = seen
    expect([query?.method, new URL(`http://x${query?.url}`).pathname]).toEqual(['GET', '/trpc/keys.list'])
    expect(JSON.parse(new URL(`http://x${query?.url}`).searchParams.get('input') ?? '')).toEqual({ workspaceId: 'ws_1', owner: 'a & b' })
    expect([mutation?.method, mutation?.url, mutation?.body]).toEqual(['POST', '/trpc/keys.disable', '{"keyId":"key_1"}'])
    for (const { headers, url } of seen) expect([headers.authorization, url.includes(rootKey)]).toEqual([`Bearer ${rootKey}`, false])
  })

  test('a procedure without an input that must be is called without one', async () => {
    const { admin, seen } = await scripted([none])
    await admin.workspaces.list()
    expect(seen[0]?.url).toBe('/trpc/workspaces.list?input=%7B%7D')
  })

  test('a path of the URL stays, and a redirect is not followed: the key goes to no other place', async () => {
    const { url, seen } = await scripted([{ status: 307, headers: { location: 'http://127.0.0.1:1/' } }])
    const error = await failed(createAdmin({ url: `${url}/letterlock/`, rootKey }).workspaces.list())
    expect(error).toMatchObject({ code: 'unexpected_response', status: 307 })
    expect(seen.map((each) => each.url.split('?')[0])).toEqual(['/letterlock/trpc/workspaces.list'])
  })
})

describe('what is repeated', () => {
  const back = { headers: { 'retry-after': '0' } }

  test.each<[string, Scripted]>([
    ['a connection that breaks', 'reset'],
    ['503 with Retry-After', refusal(503, 'unavailable', back)],
    ['429 with Retry-After', refusal(429, 'rate_limited', back)],
  ])('a query after %s, twice at most', async (_, line) => {
    const recovering = await scripted([line, line, none])
    await expect(recovering.admin.workspaces.list()).resolves.toMatchObject({ data: [] })
    const broken = await scripted([line])
    expect(await failed(broken.admin.workspaces.list())).toBeInstanceOf(AdminError)
    expect([recovering.seen.length, broken.seen.length]).toEqual([3, 3])
  })

  test.each<[string, Scripted]>([
    ['503 without Retry-After', refusal(503, 'unavailable')],
    ['a wait beyond ten seconds', refusal(503, 'unavailable', { headers: { 'retry-after': '11' } })],
    ['a refusal', refusal(404, 'not_found')],
    ['a fault', refusal(500, 'internal', back)],
  ])('no query after %s', async (_, line) => {
    const { admin, seen } = await scripted([line])
    expect(await failed(admin.workspaces.list())).toBeInstanceOf(AdminError)
    expect(seen).toHaveLength(1)
  })

  test.each<[string, Scripted]>([['a connection that breaks', 'reset'], ['503 with Retry-After', refusal(503, 'unavailable', back)]])(
    'no mutation after %s: it may have happened', async (_, line) => {
      const { admin, seen } = await scripted([line])
      expect(await failed(admin.keys.disable({ keyId: 'key_1' }))).toBeInstanceOf(AdminError)
      expect(seen).toHaveLength(1)
    },
  )
})

describe('AdminError', () => {
  test('has all that the refusal says', async () => {
    const { admin } = await scripted([refusal(403, 'insufficient_scope', { requiredScope: 'keys:write', keyScopes: ['keys:read'] })])
    expect(await failed(admin.keys.disable({ keyId: 'key_1' }))).toMatchObject({
      name: 'AdminError', code: 'insufficient_scope', status: 403, requestId: 'req_1', issues: [], requiredScope: 'keys:write',
      members: { keyScopes: ['keys:read'] }, message: '403 insufficient_scope: about insufficient_scope',
    })
  })

  test('names the places that do not fit, also in its message', async () => {
    const issues = [{ path: 'name', message: 'is too long' }, { path: '', message: 'unknown field "x"' }]
    const { admin } = await scripted([refusal(400, 'invalid_request', { issues })])
    const error = await failed(admin.workspaces.create({ name: 'x' }))
    expect(error).toMatchObject({ issues, message: '400 invalid_request: about invalid_request [name: is too long; (input): unknown field "x"]' })
  })

  test.each<[string, Scripted]>([
    ['a page of a proxy', { status: 502, text: '<h1>Bad gateway</h1>', headers: { 'content-type': 'text/html' } }],
    ['another server', { status: 200, json: { hello: 'world' } }],
    ['nothing', { status: 204 }],
    ['an empty answer', { status: 200, text: '' }],
  ])('says unexpected_response of %s', async (_, line) => {
    const { admin } = await scripted([line])
    expect(await failed(admin.workspaces.list())).toMatchObject({ code: 'unexpected_response', message: expect.stringContaining('is the URL right?') as string })
  })

  test('tells a timeout, an abort and a refused connection apart', async () => {
    const { admin } = await scripted(['hang'])
    expect(await failed(admin.workspaces.list({}, { timeoutMs: 20 }))).toMatchObject({ code: 'timeout', status: null })
    const reason = new Error('enough')
    const stop = new AbortController()
    const call = failed(admin.workspaces.list({}, { signal: stop.signal }))
    stop.abort(reason)
    expect(await call).toMatchObject({ code: 'aborted', cause: reason })
    const nobody = createAdmin({ url: 'http://127.0.0.1:1', rootKey })
    expect(await failed(nobody.keys.disable({ keyId: 'key_1' }))).toMatchObject({ code: 'connection_failed', message: expect.stringContaining('127.0.0.1:1') as string })
  })

  test('an abort ends the wait before a repetition, and the signal of the client every call', async () => {
    const { admin, seen } = await scripted([refusal(503, 'unavailable', { headers: { 'retry-after': '9' } })])
    const stop = new AbortController()
    const call = failed(admin.workspaces.list({}, { signal: stop.signal }))
    await expect.poll(() => seen.length).toBe(1)
    stop.abort()
    expect(await call).toMatchObject({ code: 'aborted' })
    const stopped = await scripted([none], { signal: AbortSignal.abort() })
    expect(await failed(stopped.admin.workspaces.list())).toMatchObject({ code: 'aborted' })
    expect(stopped.seen).toHaveLength(0)
  })
})

describe('pages()', () => {
  test('asks for a page when the items of the one before are used up, and for none after the last', async () => {
    const page = (data: number[], nextCursor: string | null) => output({ data, hasMore: nextCursor !== null, nextCursor })
    const { admin, seen } = await scripted([page([1, 2], 'c1'), page([], 'c2'), page([3], null)])
    const items: unknown[] = []
    for await (const key of admin.pages(admin.keys.list, { workspaceId: 'ws_1' })) {
      items.push(key)
      expect(seen).toHaveLength(items.length < 3 ? 1 : 3)
    }
    expect(items).toEqual([1, 2, 3])
    const cursors = seen.map(({ url }) => (JSON.parse(new URL(`http://x${url}`).searchParams.get('input') ?? '') as { cursor?: string }).cursor)
    expect(cursors).toEqual([undefined, 'c1', 'c2'])
  })
})

describe('createAdmin() refuses', () => {
  test.each([
    ['no key', { rootKey: '' }, 'missing_root_key'],
    ['an API key', { rootKey: letterlockKeys.issue({ mode: 'live' }).token }, 'malformed_root_key'],
    ['a cut key', { rootKey: rootKey.slice(0, -1) }, 'malformed_root_key'],
    ['a key with a line break', { rootKey: `${rootKey}\n` }, 'malformed_root_key'],
    ['a key with a letter that no header takes', { rootKey: 'acme_root_ł' }, 'malformed_root_key'],
    ['a URL that is none', { rootKey, url: 'localhost' }, 'invalid_url'],
    ['a URL with a password', { rootKey, url: 'http://ada:pass@localhost' }, 'invalid_url'],
    ['a URL with a query', { rootKey, url: 'http://localhost/?a' }, 'invalid_url'],
  ])('%s', (_, options, code) => {
    expect(() => createAdmin(options)).toThrow(expect.objectContaining({ code }))
  })

  test('to be made in a browser', () => {
    const chromium = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0'
    const cases: [Surroundings, boolean][] = [
      [{ document: {}, navigator: { userAgent: chromium } }, true],
      [{ importScripts: () => {}, navigator: { userAgent: chromium } }, true],
      [{ process: { versions: { node: '26.0.0' } }, document: {} }, false],
      [{ navigator: { userAgent: 'Cloudflare-Workers' } }, false],
      [{ importScripts: () => {}, navigator: { userAgent: 'Deno/2.9' } }, false],
    ]
    expect(cases.map(([surroundings]) => isBrowser(surroundings))).toEqual(cases.map(([, expected]) => expected))
  })

  test('nothing else: a key of an installation with a prefix of its own', () => {
    expect(() => createAdmin({ rootKey: 'acme_root_whatever' })).not.toThrow()
  })
})
