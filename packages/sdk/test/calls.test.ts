import { describe, expect, test } from 'vitest'
import { ApiError } from '../src/errors.ts'
import { Letterlock } from '../src/letterlock.ts'
import { type OperationId, operations } from '../src/operations.generated.ts'
import { problemAnswer, scriptedServer } from './scripted-server.ts'
import { testClient } from './test-client.ts'

describe('the methods of the client', () => {
  test.each(Object.entries(operations))('%s asks by method and path of the table', async (id, row) => {
    const { url, seen } = await scriptedServer({ status: 200, json: { data: [], hasMore: false, nextCursor: null } })
    const [resource, method] = id.split('.') as ['contacts', 'get'] // any row stands for all
    const client = new Letterlock({ apiKey: 'acme_key', baseUrl: url })
    const args = row.args.map((name) => (name === 'body' ? { a: 1 } : name === 'query' ? { limit: 7 } : 'x/ä y@z'))
    await (client[resource][method] as (...args: unknown[]) => Promise<unknown>)(...args)
    expect(seen).toHaveLength(1)
    const [request] = seen
    const query = (row.args as readonly string[]).includes('query') ? '?limit=7' : ''
    expect(request?.method).toBe(row.method)
    expect(request?.url).toBe(`/v1${row.path.replaceAll(/\{\w+\}/g, 'x%2F%C3%A4%20y%40z')}${query}`)
    expect(request?.body).toBe(row.sendsBody ? (row.args as readonly string[]).includes('body') ? '{"a":1}' : '{}' : '')
    expect(request?.headers.authorization).toBe('Bearer acme_key')
  })

  test('a body that may be absent is sent as {}', async () => {
    const { url, seen } = await scriptedServer({ status: 200, json: {} })
    await testClient(url).client.key.revoke()
    expect(seen[0]?.body).toBe('{}')
  })

  test('204 answers undefined', async () => {
    const { url } = await scriptedServer({ status: 204 })
    await expect(testClient(url).client.contacts.delete('con_1')).resolves.toBeUndefined()
  })

  test('unknown fields and values of an answer come through', async () => {
    const contact = { id: 'con_1', email: 'a@b.c', lists: [{ id: 'lst_1', status: 'resting' }], since: 7 }
    const { url } = await scriptedServer({ status: 200, json: contact })
    await expect(testClient(url).client.contacts.get('con_1')).resolves.toEqual(contact)
  })

  test.each(['', '.', '..', undefined, 7, '\ud800'])('%j is refused as a part of the path', async (id) => {
    const { url, seen } = await scriptedServer({ status: 200, json: {} })
    await expect(testClient(url).client.contacts.delete(id as string)).rejects.toMatchObject({ code: 'invalid_argument' })
    expect(seen).toHaveLength(0)
  })

  test('headers of client and call are sent; those of the protocol stay', async () => {
    const { url, seen } = await scriptedServer({ status: 200, json: {} })
    const { client } = testClient(url, { headers: { 'x-a': '1', 'x-b': '1' } })
    await client.contacts.get('a', { headers: { 'x-b': '2', authorization: 'Bearer other', accept: 'text/html' } })
    expect(seen[0]?.headers).toMatchObject({ 'x-a': '1', 'x-b': '2', authorization: 'Bearer acme_key', accept: 'application/json' })
  })

  test('a header that HTTP does not allow is named, its value not shown', async () => {
    const { client } = testClient('http://x.test')
    const error = (await client.contacts.get('a', { headers: { 'x-a': 'se\ncret' } }).catch((e: unknown) => e)) as Error
    expect(error).toMatchObject({ code: 'invalid_argument' })
    expect(error.message).toContain('x-a')
    expect(error.message).not.toContain('cret')
  })

  test.each([{ timeoutMs: 0 }, { timeoutMs: Number.NaN }, { deadlineMs: -1 }, { maxRetries: 1.5 }, { maxRetries: 11 }])(
    '%j is refused', async (options) => {
      const call = testClient('http://x.test').client.contacts.get('a', options)
      await expect(call).rejects.toMatchObject({ code: 'invalid_argument' })
    },
  )
})

describe('the base URL', () => {
  test.each(['', '/', '/v1', '/v1/'])('may end in %j', async (end) => {
    const { url, seen } = await scriptedServer({ status: 200, json: {} })
    await testClient(url + end).client.key.get()
    expect(seen[0]?.url).toBe('/v1/key')
  })

  test('keeps a path in front of /v1', async () => {
    const { url, seen } = await scriptedServer({ status: 200, json: {} })
    await testClient(`${url}/mail/`).client.key.get()
    expect(seen[0]?.url).toBe('/mail/v1/key')
  })

  test('comes from the environment, read at the call', async () => {
    const { url, seen } = await scriptedServer({ status: 200, json: {} })
    const environment: Record<string, string> = {}
    const { client } = testClient('', {}, { environmentVariable: (name) => environment[name] })
    await expect(client.key.get()).rejects.toMatchObject({ code: 'missing_base_url' })
    environment.LETTERLOCK_BASE_URL = url
    await client.key.get()
    expect(seen).toHaveLength(1)
  })

  test.each(['localhost:4000', 'ftp://x.test', 'http://u:hunter2@x.test', 'http://x.test/?a', 'http://x.test/#a', 'nonsense'])(
    '%s is refused without being shown', async (baseUrl) => {
      const error = (await testClient(baseUrl).client.key.get().catch((e: unknown) => e)) as Error
      expect(error).toMatchObject({ code: 'invalid_base_url' })
      expect(error.message).not.toContain(baseUrl)
      expect(error.message).not.toContain('hunter2')
    },
  )
})

describe('failures of the API', () => {
  test('carry status, code, request id, issues and scopes', async () => {
    const issues = [{ path: 'contacts.3.email', message: 'expected an e-mail address' }]
    const more = { requiredScope: 'contacts:read', keyScopes: ['lists:read'], issues, existing: { id: 'con_1' }, surprise: 1 }
    const { url } = await scriptedServer(problemAnswer(403, 'insufficient_scope', more))
    const error = await testClient(url).client.contacts.get('a').catch((e: unknown) => e)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({
      name: 'ApiError', status: 403, code: 'insufficient_scope', requestId: 'req_1', issues, detail: 'about insufficient_scope',
      requiredScope: 'contacts:read', keyScopes: ['lists:read'], existing: { id: 'con_1' },
      message: '403 insufficient_scope: about insufficient_scope [contacts.3.email: expected an e-mail address] (req_1)',
    })
    expect(error).not.toHaveProperty('retryAt')
  })

  test('a code that this version does not know is passed on', async () => {
    const { url } = await scriptedServer(problemAnswer(418, 'tea_time'))
    await expect(testClient(url).client.key.get()).rejects.toMatchObject({ code: 'tea_time' })
  })

  test.each([
    ['HTML of a proxy', { status: 404, text: '<html>\n<h1>Not here</h1>', headers: { 'content-type': 'text/html' } }],
    ['an empty body', { status: 404, text: '' }],
    ['other JSON', { status: 404, text: '{"error":"no"}' }],
    ['null', { status: 404, text: 'null' }],
    ['strange problem fields', { status: 404, text: '{"code":7,"issues":"x"}' }],
    ['a redirect', { status: 302, text: '', headers: { location: 'http://evil.test/' } }],
    ['HTML with 200', { status: 200, text: '<html>' }],
  ])('%s is an unexpected_response', async (_, answer) => {
    const { url, seen } = await scriptedServer(answer)
    const error = await testClient(url).client.key.get().catch((e: unknown) => e)
    expect(error).toMatchObject({ name: 'ApiError', code: 'unexpected_response', status: answer.status })
    expect(seen).toHaveLength(1)
  })

  test('issues of a strange shape are left out', async () => {
    const { url } = await scriptedServer(problemAnswer(400, 'invalid_request', { issues: [null, 7, { message: 'm' }, { path: 3 }], keyScopes: 'x' }))
    await expect(testClient(url).client.key.get()).rejects.toMatchObject({ issues: [{ path: '', message: 'm' }] })
  })
})

describe('lists', () => {
  const pages = [
    { status: 200, json: { data: [1, 2], hasMore: true, nextCursor: 'p2' } },
    { status: 200, json: { data: [3], hasMore: true, nextCursor: 'p3' } },
    { status: 200, json: { data: [4], hasMore: false, nextCursor: null } },
  ]

  test('for await goes through all pages, keeping the filter', async () => {
    const { url, seen } = await scriptedServer(...pages)
    const items: unknown[] = []
    for await (const item of testClient(url).client.contacts.list({ listId: 'lst_1', email: undefined })) items.push(item)
    expect(items).toEqual([1, 2, 3, 4])
    expect(seen.map((request) => request.url)).toEqual([
      '/v1/contacts?listId=lst_1', '/v1/contacts?listId=lst_1&cursor=p2', '/v1/contacts?listId=lst_1&cursor=p3',
    ])
  })

  test('await gets the first page, once; nothing is asked for before', async () => {
    const { url, seen } = await scriptedServer(...pages)
    const list = testClient(url).client.campaigns.recipients('cmp_1')
    expect(seen).toHaveLength(0)
    expect(await list).toEqual({ data: [1, 2], hasMore: true, nextCursor: 'p2' })
    await list
    expect(seen).toHaveLength(1)
  })

  test('toArray stops at its limit and asks for no page too many', async () => {
    const { url, seen } = await scriptedServer(...pages)
    expect(await testClient(url).client.lists.list().toArray({ limit: 3 })).toEqual([1, 2, 3])
    expect(seen).toHaveLength(2)
    expect(await testClient(url).client.lists.list().toArray({ limit: 0 })).toEqual([])
    expect(seen).toHaveLength(2)
  })

  test('a cursor that stands still ends the list', async () => {
    const { url, seen } = await scriptedServer({ status: 200, json: { data: [1], hasMore: true, nextCursor: 'same' } })
    await testClient(url).client.lists.list().toArray({ limit: 100 })
    expect(seen).toHaveLength(2)
  })

  test('a failure reaches await and for await', async () => {
    const { url } = await scriptedServer(problemAnswer(403, 'insufficient_scope'))
    const { client } = testClient(url)
    await expect(client.lists.list()).rejects.toBeInstanceOf(ApiError)
    await expect(client.lists.list().toArray({ limit: 1 })).rejects.toBeInstanceOf(ApiError)
  })
})

test('every operation of the table has its method', () => {
  const client = new Letterlock() as unknown as Record<string, Record<string, unknown>>
  const missing = (Object.keys(operations) as OperationId[]).filter((id) => {
    const [resource = '', method = ''] = id.split('.')
    return typeof client[resource]?.[method] !== 'function'
  })
  expect(missing).toEqual([])
})
