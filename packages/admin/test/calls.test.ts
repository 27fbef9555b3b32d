import { inspect } from 'node:util'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { letterlockKeys } from '@letterlock/keys'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { AdminError, createAdmin } from '../src/index.ts'

const admin = createAdmin({ url: inject('managementUrl'), rootKey: inject('rootKey') })

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** A server that answers what it is told, and what it was asked. */
async function scripted(answer: RequestListener) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url?.split('?')[0]}`)
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const rootKey = letterlockKeys.issue({ mode: 'root' }).token // made here, so that no key is ever written into the repository
const failureOf = (call: Promise<unknown>) => call.then(() => expect.fail('it did not fail'), (error: unknown) => error as AdminError)
const codeOf = async (call: Promise<unknown>) => (await failureOf(call)).code

describe('createAdmin() on a server', () => {
  test('calls mutations and queries, typed', async () => {
    const { workspace } = await admin.workspaces.create({ name: 'Typed' })
    const { key, secret, revision } = await admin.keys.create({ workspaceId: workspace.id, mode: 'live', name: 'CRM', scopes: ['contacts:read'] })
    expect(letterlockKeys.parse(secret)).toMatchObject({ ok: true, mode: 'live' })
    expect(revision).toBeGreaterThan(0)
    const got = await admin.keys.get({ keyId: key.id })
    expect(got.key).toEqual(key)
    const { data } = await admin.scopes.list()
    expect(data.length).toBeGreaterThan(10)
  })

  test('goes through the pages of a list as far as it is asked', async () => {
    const { workspace } = await admin.workspaces.create({ name: 'Pages' })
    for (const name of ['a', 'b', 'c']) await admin.keys.create({ workspaceId: workspace.id, mode: 'test', name, scopes: ['contacts:read'] })
    const names: string[] = []
    for await (const { name } of admin.pages(admin.keys.list, { workspaceId: workspace.id, limit: 2 })) names.push(name)
    expect(names).toEqual(['c', 'b', 'a'])
    for await (const { name } of admin.pages(admin.keys.list, { workspaceId: workspace.id, limit: 1 })) {
      expect(name).toBe('c')
      break
    }
  })

  test('throws what the server refuses, with all that it says', async () => {
    const error = await failureOf(admin.keys.create({ workspaceId: 'ws_no', mode: 'live', name: '', scopes: ['contacts:reed'] }))
    expect(error).toBeInstanceOf(AdminError)
    expect(error).toMatchObject({ name: 'AdminError', code: 'invalid_request', status: 400, requestId: expect.stringMatching(/^req_/) })
    expect(error.issues.map(({ path }) => path)).toContain('name')
    expect(error.message).toContain('name')

    const { secret } = await admin.rootKeys.create({ name: 'narrow', scopes: ['keys:read'] })
    const narrow = createAdmin({ url: inject('managementUrl'), rootKey: secret })
    const refused = await failureOf(narrow.workspaces.create({ name: 'no' }))
    expect(refused).toMatchObject({ code: 'insufficient_scope', status: 403, members: { requiredScope: 'workspaces:write', keyScopes: ['keys:read'] } })
  })

  test('does not show the root key, whatever is printed', async () => {
    const wrong = letterlockKeys.issue({ mode: 'root' }).token
    const other = createAdmin({ url: inject('managementUrl'), rootKey: wrong })
    const refused = await failureOf(other.scopes.list())
    expect(refused.code).toBe('invalid_key')
    const shown = [other, other.keys, other.keys.list, refused].map((value) => inspect(value, { showHidden: true, depth: 20 }) + JSON.stringify(value))
    expect(shown.join()).not.toContain(wrong.slice(10))
  })
})

describe('createAdmin() when something fails', () => {
  test('repeats a query that is asked to come back, and never a mutation', async () => {
    const { url, asked } = await scripted((_, response) => {
      if (asked.length === 1) return response.writeHead(503, { 'retry-after': '0' }).end(JSON.stringify({ error: { message: 'later', data: { code: 'unavailable' } } }))
      return response.end(JSON.stringify({ result: { data: { data: [] } } }))
    })
    const client = createAdmin({ url, rootKey })
    expect(await client.scopes.list()).toEqual({ data: [] })
    expect(asked).toEqual(['GET /trpc/scopes.list', 'GET /trpc/scopes.list'])
    asked.length = 0
    expect(await codeOf(client.workspaces.create({ name: 'a' }))).toBe('unavailable')
    expect(asked).toEqual(['POST /trpc/workspaces.create'])
  })

  test.each([
    ['a page of a proxy', 502, '<h1>Bad gateway</h1>'],
    ['another JSON', 200, '{"ok":true}'],
    ['nothing', 200, ''],
    ['a redirect', 302, ''],
  ])('says that %s is no answer of the API', async (_, status, body) => {
    const { url } = await scripted((_, response) => response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(body))
    expect(await codeOf(createAdmin({ url, rootKey }).scopes.list())).toBe('unexpected_response')
  })

  test('keeps an echo of the root key out of its errors', async () => {
    const escaped = JSON.stringify({ error: { message: `You sent ${rootKey}`, data: { code: 'invalid_request', issues: [{ path: rootKey, message: rootKey }], echo: rootKey } } })
    const bodies = [escaped, escaped.replaceAll(rootKey, `\\u006c${rootKey.slice(1)}`), `<p>${rootKey}</p>`]
    for (const body of bodies) {
      const { url } = await scripted((_, response) => response.writeHead(400, { 'x-request-id': rootKey }).end(body))
      expect(inspect(await failureOf(createAdmin({ url, rootKey }).scopes.list()), { depth: 20, showHidden: true })).not.toContain(rootKey.slice(10))
    }
  })

  test('bounds an attempt in time, and heeds the signals of a call and of the client', async () => {
    const { url } = await scripted(() => undefined)
    expect(await codeOf(createAdmin({ url, rootKey, timeoutMs: 50 }).scopes.list())).toBe('timeout')
    expect(await codeOf(createAdmin({ url, rootKey }).scopes.list({}, { timeoutMs: 50 }))).toBe('timeout')
    const stop = new AbortController()
    const stopped = [createAdmin({ url, rootKey }).scopes.list({}, { signal: stop.signal }), createAdmin({ url, rootKey, signal: stop.signal }).scopes.list()].map(codeOf)
    stop.abort()
    expect(await Promise.all(stopped)).toEqual(['aborted', 'aborted'])
    expect(await codeOf(createAdmin({ url, rootKey, signal: stop.signal }).scopes.list())).toBe('aborted')
  })

  test('stops while it waits to repeat', async () => {
    const { url } = await scripted((_, response) => response.writeHead(503, { 'retry-after': '9' }).end(JSON.stringify({ error: { message: 'later', data: { code: 'unavailable' } } })))
    expect(await codeOf(createAdmin({ url, rootKey }).scopes.list({}, { signal: AbortSignal.timeout(50) }))).toBe('aborted')
  })

  test('says that nobody listens', async () => {
    const { url } = await scripted(() => undefined)
    closers.splice(0).forEach((close) => close())
    const error = await failureOf(createAdmin({ url, rootKey }).scopes.list())
    expect(error).toMatchObject({ code: 'connection_failed', status: null })
    expect(error.message).toContain('ECONNREFUSED')
  })
})

describe('createAdmin() refuses', () => {
  const refusal = (options: Parameters<typeof createAdmin>[0]) => {
    try {
      createAdmin(options)
    } catch (error) {
      return (error as AdminError).code
    }
    return undefined
  }

  test.each([
    ['no key', undefined, 'missing_root_key'],
    ['an empty key', '', 'missing_root_key'],
    ['an API key', letterlockKeys.issue({ mode: 'live' }).token, 'malformed_root_key'],
    ['a key that is cut', rootKey.slice(0, -1), 'malformed_root_key'],
    ['a line break', `${rootKey}\n`, 'malformed_root_key'],
  ])('%s', (_, key, code) => {
    expect(refusal({ rootKey: key })).toBe(code)
  })

  test.each(['ftp://a.example', 'a.example', 'https://u:p@a.example', 'https://a.example?x=1'])('the URL %s', (url) => {
    expect(refusal({ url, rootKey })).toBe('invalid_url')
  })

  test('a browser', () => {
    Object.assign(globalThis, { document: {} })
    closers.push(() => void Reflect.deleteProperty(globalThis, 'document'))
    expect(refusal({ rootKey })).toBe('in_browser')
  })
})
