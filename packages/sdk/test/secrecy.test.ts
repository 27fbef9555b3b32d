import { format, inspect } from 'node:util'
import { serialize } from 'node:v8'
import { letterlockKeys } from '@letterlock/keys'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Letterlock } from '../src/letterlock.ts'
import type { Middleware } from '../src/middleware.ts'
import { scriptedServer, type Scripted } from './scripted-server.ts'

// Made here, so that no key is ever written into the repository.
const apiKey: string = letterlockKeys.issue({ mode: 'live' }).token

let printed = ''
beforeEach(() => {
  printed = ''
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      printed += String(chunk)
      return true
    })
  }
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** All that a program could print of a value: every depth, hidden properties, getters, causes, stacks. */
function everything(value: unknown): string {
  const deep = inspect(value, { showHidden: true, depth: 30, getters: true, showProxy: true, maxArrayLength: null, maxStringLength: null })
  const error = value instanceof Error ? [value.stack, value.message, value.toString(), everything(value.cause)] : []
  const cloned = attempted(() => inspect(structuredClone(value), { depth: 30, showHidden: true }))
  const serialised = attempted(() => serialize(value).toString('latin1'))
  const spread = attempted(() => JSON.stringify(Object.getOwnPropertyDescriptors(value ?? {})))
  return [deep, inspect(value), attempted(() => JSON.stringify(value)), attempted(() => String(value)), cloned, serialised, spread, ...error].join('\n')
}

function attempted(show: () => string | undefined): string {
  try {
    return show() ?? ''
  } catch (error) {
    return inspect(error, { depth: 30, showHidden: true })
  }
}

describe('a client does not show its key', () => {
  const client = new Letterlock({ apiKey, baseUrl: 'http://x.test' })
  const other = client.withOptions({ maxRetries: 0, fetch: () => Promise.reject(new Error(apiKey)) })
  const call = other.key.get()
  call.catch(() => {})
  const fromFunction = new Letterlock({ apiKey: () => apiKey, baseUrl: 'http://x.test', fetch: () => Promise.resolve(Response.json({})) })
  const parts: [string, unknown][] = [
    ['client', client], ...Object.entries(client), ['withOptions()', other], ['a call', call], ['a list', other.contacts.list()],
    ['a client with a function', fromFunction], ['a client with several keys', new Letterlock({ keys: [apiKey, () => apiKey] })],
    ['withScopes()', client.withScopes(['contacts:read'])], ['key.status()', client.key.status()], ['its answer', fromFunction.key.get().withResponse()],
  ]

  test.each(parts)('%s: inspect, JSON, String', (_, part) => {
    expect(everything(part)).not.toContain(apiKey.slice(-38))
  })

  test('own names, symbols, descriptors and template text', () => {
    const names = Reflect.ownKeys(client).flatMap((name) => [String(name), inspect(Object.getOwnPropertyDescriptor(client, name), { depth: 30, showHidden: true })])
    expect([...names, `${client}`, Object.keys(client).join(), inspect({ ...client }, { depth: 30, showHidden: true })].join()).not.toContain(apiKey.slice(-38))
    expect(JSON.stringify({ client })).toBe('{"client":{}}')
    expect(inspect(client)).toBe('Letterlock {}')
  })

  test.each(['%s', '%o', '%O', '%j', '%d', ''])('console.log with %j', (pattern) => {
    expect(format(pattern, client)).not.toContain(apiKey.slice(-38))
    expect(format(`${pattern} end`, client, [client], { client })).not.toContain(apiKey.slice(-38))
  })

  test('structuredClone', () => {
    expect(attempted(() => structuredClone(client) as unknown as string)).not.toContain(apiKey.slice(-38))
  })
})

describe('no error holds the key', () => {
  const echo = `You sent: Bearer ${apiKey}`
  const scripts: [string, Scripted][] = [
    ['a problem that echoes it', { status: 401, json: { code: 'invalid_key', detail: echo, requestId: apiKey, issues: [{ path: apiKey, message: echo }], existing: { a: [echo] }, keyScopes: [apiKey] } }],
    ['a problem that echoes it in escapes', { status: 401, text: `{"code":"invalid_key","detail":"\\u006c${apiKey.slice(1)}"}` }],
    ['a problem that echoes it as a name', { status: 409, json: { code: 'already_exists', existing: { [apiKey]: 1 } } }],
    ['a page of a proxy that echoes it', { status: 407, text: `<pre>${echo}</pre>`, headers: { 'content-type': 'text/html' } }],
    ['a success that is no JSON', { status: 200, text: echo }],
    ['headers that echo it', { status: 403, text: '', headers: { 'x-request-id': apiKey, 'content-type': apiKey } }],
    ['a broken connection', 'reset'],
    ['no answer', 'hang'],
    ['a redirect with it', { status: 307, text: '', headers: { location: `http://127.0.0.1:1/?k=${apiKey}` } }],
  ]

  test.each(scripts)('%s', async (_, script) => {
    const { url } = await scriptedServer(script)
    const client = new Letterlock({ apiKey, baseUrl: url, maxRetries: 0, timeoutMs: 100 })
    const error: unknown = await client.contacts.create({ email: 'a@b.c' }).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(Error)
    expect(everything(error)).not.toContain(apiKey.slice(-38))
    expect(printed).toBe('')
  })

  test('a fetch that throws it', async () => {
    const thrown = Object.assign(new TypeError(`bad header ${apiKey}`, { cause: new Error(apiKey) }), { request: { headers: apiKey } })
    const client = new Letterlock({ apiKey, baseUrl: 'http://x.test', maxRetries: 0, fetch: () => Promise.reject(thrown) })
    const error: unknown = await client.key.get().catch((e: unknown) => e)
    expect(error).toMatchObject({ name: 'ConnectionError' })
    expect(everything(error)).not.toContain(apiKey.slice(-38))
  })

  test.each([`${apiKey}\n`, `"${apiKey}"`, `Bearer ${apiKey}`, `${apiKey}x`, apiKey.slice(0, -1), `${apiKey}\u0142`])(
    'a malformed key is refused without being shown', async (malformed) => {
      const error: unknown = await new Letterlock({ apiKey: malformed, baseUrl: 'http://x.test' }).key.get().catch((e: unknown) => e)
      expect(error).toMatchObject({ code: 'malformed_api_key' })
      expect(everything(error)).not.toContain(apiKey.slice(40, 60))
    },
  )
})

describe('nothing that a program can get hold of while it works holds the key', () => {
  const lines: string[] = []
  const keep = (message: string) => void lines.push(message)
  const logger = { error: keep, warn: keep, info: keep, debug: keep }
  const seen: unknown[] = []
  const spy: Middleware = async (request, next, context) => {
    seen.push(request, [...request.headers], context)
    return next(request).catch((error: unknown) => {
      seen.push(error)
      throw error
    })
  }

  test('log lines at debug, what middleware sees, answers with their headers', async () => {
    const echo = { 'x-request-id': apiKey, server: `you sent ${apiKey}` }
    const { url } = await scriptedServer('reset', { status: 500, text: `Bearer ${apiKey}`, headers: echo }, { status: 200, json: {}, headers: echo })
    const client = new Letterlock({ apiKey, baseUrl: url, logger, logLevel: 'debug', middleware: [spy] })
    const { response } = await client.contacts.get('a', { headers: { 'x-mine': apiKey } }).withResponse()
    expect(lines).toHaveLength(5)
    expect(everything([lines, response, response.headers.get('server'), response.requestId])).not.toContain(apiKey.slice(-38))
    const handedIn = seen.filter((each) => !Array.isArray(each) && !(each as { headers?: unknown }).headers)
    expect(everything(handedIn)).not.toContain(apiKey.slice(-38))
    expect(JSON.stringify(seen.filter(Array.isArray))).not.toContain('Bearer')
    expect(printed).toBe('')
  })

  test('what is told of a key that ends, is replaced, or is refused again and again', async () => {
    const next: string = letterlockKeys.issue({ mode: 'live' }).token
    const { url } = await scriptedServer(
      { status: 200, json: {}, headers: { 'letterlock-key-id': 'key_1', 'letterlock-key-expires-at': new Date().toISOString(), 'letterlock-key-superseded': 'true' } },
      { status: 401, json: { code: 'expired_key' } }, { status: 401, json: { code: 'invalid_key' } },
    )
    const told: unknown[] = []
    const tell = (event: unknown) => void told.push(event)
    lines.length = 0
    const client = new Letterlock({ keys: [apiKey, next], baseUrl: url, logger, logLevel: 'debug', onKeySwitched: tell, onKeyExpiring: tell })
    await client.key.get()
    for (let i = 0; i < 6; i++) told.push(await client.key.get().catch((error: unknown) => error))
    told.push(client.key.status(), client)
    expect(told).toHaveLength(3 + 6 + 2)
    expect(told.at(-3)).toMatchObject({ code: 'auth_paused' })
    for (const secret of [apiKey, next]) expect(told.map(everything).join() + lines.join()).not.toContain(secret.slice(-38, -4))
  })

  test('a function for the key that throws it: the cause is the program’s own error, and no other place shows it', async () => {
    const client = new Letterlock({ apiKey: () => Promise.reject(new Error(`vault said ${apiKey}`)), baseUrl: 'http://x.test', logger, logLevel: 'debug' })
    const error = (await client.key.get().catch((e: unknown) => e)) as Error
    expect([error.message, JSON.stringify(error), String(error)].join()).not.toContain(apiKey.slice(-38))
  })
})
