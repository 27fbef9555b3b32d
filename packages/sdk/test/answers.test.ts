/** How answers come: with their response, for undocumented calls, and through clients made from clients. */
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { ApiPromise, WithResponse } from '../src/api-promise.ts'
import { Letterlock } from '../src/letterlock.ts'
import type { Key } from '../src/operations.generated.ts'
import { problemAnswer, scriptedServer } from './scripted-server.ts'
import { testClient } from './test-client.ts'

const headers = {
  'x-request-id': 'req_9',
  'ratelimit-policy': '"burst";q=10;w=1, "workspace.day";q=5000;w=86400',
  ratelimit: '"burst";r=3;t=1, "workspace.day";r=0;t=86400',
}

describe('withResponse()', () => {
  test('tells status, request id, limits, attempts and whether the answer is a stored one', async () => {
    const { url, seen } = await scriptedServer(problemAnswer(500, 'internal'), { status: 201, json: { id: 'con_1' }, headers: { ...headers, 'idempotency-replayed': 'true' } })
    const { data, response } = await testClient(url).client.contacts.create({ email: 'a@b.c' }).withResponse()
    expect(data).toEqual({ id: 'con_1' })
    expect(response).toMatchObject({
      status: 201, requestId: 'req_9', attempts: 2, replayed: true,
      rateLimits: [
        { name: 'burst', remaining: 3, resetSeconds: 1, limit: 10, windowSeconds: 1 },
        { name: 'workspace.day', remaining: 0, resetSeconds: 86_400, limit: 5_000, windowSeconds: 86_400 },
      ],
    })
    expect(response.headers.get('X-Request-Id')).toBe('req_9')
    expect(seen).toHaveLength(2)
  })

  test('is on a promise of JavaScript’s own, which may be awaited as well: one request in all', async () => {
    const { url, seen } = await scriptedServer({ status: 200, json: { id: 'key_1' } })
    const call = testClient(url).client.key.get()
    expect(Object.getPrototypeOf(call)).toBe(Promise.prototype)
    expect(call.constructor).toBe(Promise)
    expect(Object.keys(call)).toEqual([])
    expect((await call.withResponse()).data).toEqual(await call)
    expect(seen).toHaveLength(1)
    expectTypeOf(call).toEqualTypeOf<ApiPromise<Key>>()
    expectTypeOf(call.withResponse()).toEqualTypeOf<Promise<WithResponse<Key>>>()
  })

  test('rejects as the call does, and leaves no rejection behind that nobody handles', async () => {
    const { url } = await scriptedServer(problemAnswer(404, 'not_found'))
    const unhandled: unknown[] = []
    const note = (error: unknown) => unhandled.push(error)
    process.on('unhandledRejection', note)
    await expect(testClient(url).client.contacts.get('a').withResponse()).rejects.toMatchObject({ code: 'not_found' })
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  test('of a list is about its first page', async () => {
    const { url, seen } = await scriptedServer({ status: 200, json: { data: [1], hasMore: false, nextCursor: null }, headers })
    const list = testClient(url).client.lists.list()
    expect((await list.withResponse()).response.requestId).toBe('req_9')
    expect((await list).data).toEqual([1])
    expect(seen).toHaveLength(1)
  })

  test('of 204 has no data', async () => {
    const { url } = await scriptedServer({ status: 204, headers })
    expect(await testClient(url).client.contacts.delete('a').withResponse()).toMatchObject({ data: undefined, response: { status: 204 } })
  })

  test.each(['', 'nonsense', '"a";r=x', '"a";t=3', 'a;r=1', '"a;r=1'])('limits that cannot be read are left out: %s', async (ratelimit) => {
    const { url } = await scriptedServer({ status: 200, json: {}, headers: { ratelimit } })
    expect((await testClient(url).client.key.get().withResponse()).response.rateLimits).toEqual([])
  })
})

describe('request()', () => {
  const client = (baseUrl: string) => new Letterlock({ apiKey: 'acme_key', baseUrl })

  test('calls what has no method, with query, body, key, idempotency and errors as everywhere', async () => {
    const { url, seen } = await scriptedServer({ status: 200, json: { count: 3 } })
    const answer = await client(url).request<{ count: number }>('POST', '/segments/preview', { body: { filter: {} }, query: { dry: true, x: undefined }, idempotencyKey: 'k-1' })
    expect(answer.count).toBe(3)
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/v1/segments/preview?dry=true', body: '{"filter":{}}', headers: { 'idempotency-key': 'k-1', authorization: 'Bearer acme_key' } })
    await client(url).request('GET', '/segments')
    await client(url).request('POST', '/segments')
    expect(seen.slice(1).map(({ method, body }) => [method, body])).toEqual([['GET', ''], ['POST', '{}']])
  })

  test.each(['segments', '//evil.test/x', '/a/../../b', '/a/%2e%2E/b', '/.', '/a?b=1', '/a#b', '/a b', '/{id}', '/\\evil', ''])('refuses the path %j', async (path) => {
    const { url, seen } = await scriptedServer({ status: 200, json: {} })
    await expect(client(url).request('GET', path)).rejects.toMatchObject({ code: 'invalid_argument' })
    expect(seen).toHaveLength(0)
  })
})

test('withOptions() makes a client with other settings and the same key, held once for both', async () => {
  const { url, seen } = await scriptedServer({ status: 200, json: {} })
  let asked = 0
  const client = new Letterlock({ apiKey: () => `acme_${++asked}`, baseUrl: url, headers: { 'x-a': '1' } })
  const other = client.withOptions({ headers: { 'x-b': '2' }, maxRetries: 0 })
  await client.key.get()
  await other.key.get()
  expect(other).toBeInstanceOf(Letterlock)
  expect(asked).toBe(1)
  expect(seen.map(({ headers: { authorization, 'x-a': a, 'x-b': b } }) => [authorization, a, b])).toEqual([['Bearer acme_1', '1', undefined], ['Bearer acme_1', undefined, '2']])
})
