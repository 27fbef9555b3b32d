import { describe, expect, test } from 'vitest'
import type { Middleware, OutgoingRequest } from '../src/middleware.ts'
import { ConnectionError } from '../src/errors.ts'
import { problemAnswer, scriptedServer } from './scripted-server.ts'
import { testClient } from './test-client.ts'

const contact = { status: 200, json: { id: 'con_1' } }

describe('middleware', () => {
  test('sees each attempt, the first of the list outermost, with what is known of its call', async () => {
    const { url } = await scriptedServer(problemAnswer(503, 'unavailable'), contact)
    const seen: unknown[] = []
    const named = (name: string): Middleware => async (request, next, context) => {
      seen.push([name, 'in', request.method, context])
      const response = await next(request)
      seen.push([name, 'out', response.status])
      return response
    }
    await testClient(url, { middleware: [named('a'), named('b')] }).client.contacts.get('ada@example.com')
    const context = { operation: 'contacts.get', pathTemplate: '/contacts/{idOrEmail}', scope: 'contacts:read' }
    const of = (attempt: number, status: number) => [
      ['a', 'in', 'GET', { ...context, attempt }], ['b', 'in', 'GET', { ...context, attempt }], ['b', 'out', status], ['a', 'out', status],
    ]
    expect(seen).toEqual([...of(1, 503), ...of(2, 200)])
  })

  test('never sees the key, and cannot replace it', async () => {
    const { url, seen } = await scriptedServer(contact)
    let request: OutgoingRequest | undefined
    const spy: Middleware = (outgoing, next) => {
      request = outgoing
      outgoing.headers.set('Authorization', 'Bearer mine')
      outgoing.headers.set('x-trace', 'yes')
      return next(outgoing)
    }
    await testClient(url, { middleware: [spy] }).client.key.get({ headers: { authorization: 'Bearer other' } })
    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer acme_key', 'x-trace': 'yes' })
    expect(JSON.stringify([request, ...(request?.headers ?? [])])).not.toContain('acme_key')
  })

  test('cannot send the key to another origin', async () => {
    const { url, seen } = await scriptedServer(contact)
    const evil = await scriptedServer(contact)
    const client = testClient(url, { middleware: [(request, next) => next({ ...request, url: `${evil.url}/v1/key` })] }).client
    await expect(client.key.get()).rejects.toMatchObject({ code: 'invalid_argument', message: expect.stringContaining('origin') as string })
    expect([...seen, ...evil.seen]).toEqual([])
  })

  test('may answer by itself, and what it changes on a request is gone at the next attempt', async () => {
    const { url, seen } = await scriptedServer(problemAnswer(500, 'internal'), contact)
    const counting: Middleware = (request, next, { attempt }) => {
      request.headers.append('x-count', String(attempt))
      return next(request)
    }
    const { client } = testClient(url, { middleware: [counting] })
    await client.key.get()
    expect(seen.map((request) => request.headers['x-count'])).toEqual(['1', '2'])
    const canned = testClient(url, { middleware: [() => Promise.resolve(Response.json({ id: 'canned' }))] }).client
    await expect(canned.key.get()).resolves.toEqual({ id: 'canned' })
  })

  test('that throws ends the call with what it threw; a ConnectionError is tried again', async () => {
    const { url, seen } = await scriptedServer(contact)
    const mine = new Error('mine')
    await expect(testClient(url, { middleware: [() => { throw mine }] }).client.key.get()).rejects.toBe(mine)
    const flaky: Middleware = (request, next, { attempt }) => (attempt === 1 ? Promise.reject(new ConnectionError('cut')) : next(request))
    await expect(testClient(url, { middleware: [flaky] }).client.key.get()).resolves.toEqual({ id: 'con_1' })
    expect(seen).toHaveLength(1)
  })

  test('is told of a broken line by a ConnectionError, not by the error of fetch', async () => {
    const { url } = await scriptedServer('reset')
    const errors: unknown[] = []
    const spy: Middleware = async (request, next) => next(request).catch((error: unknown) => {
      errors.push(error)
      throw error
    })
    await expect(testClient(url, { middleware: [spy], maxRetries: 0 }).client.key.get()).rejects.toBeInstanceOf(ConnectionError)
    expect(errors).toEqual([expect.any(ConnectionError)])
  })

  test('that hangs is left behind in time', async () => {
    const { client } = testClient('http://x.test', { middleware: [() => new Promise(() => {})], timeoutMs: 20, maxRetries: 0 })
    await expect(client.key.get()).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})
