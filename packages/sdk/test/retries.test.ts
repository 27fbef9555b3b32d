import { describe, expect, test } from 'vitest'
import { sleep } from '../src/sleep.ts'
import { AbortedError, ApiError, ConnectionError, TimeoutError } from '../src/errors.ts'
import { problemAnswer, type Scripted, scriptedServer } from './scripted-server.ts'
import { testClient } from './test-client.ts'

const contact = { id: 'con_1', email: 'ada@example.com' }
const created: Scripted = { status: 201, json: contact }

describe('which failures are repeated', () => {
  test.each([408, 425, 429, 500, 502, 503, 504])('%i is tried three times', async (status) => {
    const { url, seen } = await scriptedServer(problemAnswer(status, 'unavailable'))
    await expect(testClient(url).client.contacts.get('con_1')).rejects.toMatchObject({ status })
    expect(seen).toHaveLength(3)
  })

  test.each([301, 400, 401, 403, 404, 409, 413, 415, 422, 431])('%i is tried once', async (status) => {
    const { url, seen } = await scriptedServer(problemAnswer(status, 'invalid_request'))
    await expect(testClient(url).client.contacts.get('con_1')).rejects.toBeInstanceOf(ApiError)
    expect(seen).toHaveLength(1)
  })

  test('a used-up quota is not tried again: the period is longer than any call', async () => {
    const resetsAt = '2026-12-01T00:00:00.000Z'
    const { url, seen } = await scriptedServer(problemAnswer(429, 'quota_exceeded', { meter: 'emails.sent', limit: 5, resetsAt }))
    const error = await testClient(url).client.key.revoke().catch((e: unknown) => e)
    expect(error).toMatchObject({ meter: 'emails.sent', limit: 5, resetsAt, retryAt: new Date(resetsAt) })
    expect(seen).toHaveLength(1)
  })

  test('a connection that breaks, before the answer or in it, is tried again', async () => {
    const { url, seen } = await scriptedServer('reset', { status: 200, text: '{"id"', thenReset: true }, { status: 200, json: contact })
    await expect(testClient(url).client.contacts.get('con_1')).resolves.toEqual(contact)
    expect(seen).toHaveLength(3)
  })

  test('maxRetries 0 tries once, and a call may say so against its client', async () => {
    const { url, seen } = await scriptedServer(problemAnswer(500, 'internal'))
    await expect(testClient(url).client.contacts.get('a', { maxRetries: 0 })).rejects.toBeInstanceOf(ApiError)
    await expect(testClient(url, { maxRetries: 0 }).client.contacts.get('a')).rejects.toBeInstanceOf(ApiError)
    expect(seen).toHaveLength(2)
  })
})

describe('how long it waits', () => {
  test('jitter below a ceiling that doubles', async () => {
    const { url } = await scriptedServer(problemAnswer(500, 'internal'))
    const { client, waits } = testClient(url, { maxRetries: 6 })
    await expect(client.contacts.get('a')).rejects.toBeInstanceOf(ApiError)
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 4_000])
  })

  test.each([
    ['seconds', { 'retry-after': '7' }, 7_000],
    ['an HTTP date', { 'retry-after': 'Sun, 22 Nov 2026 12:00:05 GMT' }, 5_000],
    ['a date in the past', { 'retry-after': 'Sun, 22 Nov 2026 11:00:05 GMT' }, 0],
    ['milliseconds', { 'retry-after-ms': '1200', 'retry-after': '2' }, 1_200],
    ['nonsense', { 'retry-after': '-3 soon' }, 0],
  ])('Retry-After as %s is waited for, with jitter on top', async (_, headers, ms) => {
    const { url } = await scriptedServer(problemAnswer(429, 'rate_limited', { headers }), created)
    const { client, waits } = testClient(url)
    await client.contacts.create({ email: 'ada@example.com' })
    expect(waits).toEqual([ms + 250])
  })

  test('a Retry-After above the cap is thrown at once, with the time in retryAt', async () => {
    const { url, seen } = await scriptedServer(problemAnswer(503, 'unavailable', { headers: { 'retry-after': '31' } }))
    const { client, waits } = testClient(url)
    await expect(client.contacts.get('a')).rejects.toMatchObject({ retryAt: new Date('2026-11-22T12:00:31.000Z') })
    expect([seen.length, waits.length]).toEqual([1, 0])
  })

  test('a wait that would pass the deadline is not begun: the failure is thrown', async () => {
    const { url, seen } = await scriptedServer(problemAnswer(503, 'unavailable', { headers: { 'retry-after': '4' } }))
    const { client, waits } = testClient(url, { deadlineMs: 6_000 })
    await expect(client.contacts.get('a')).rejects.toMatchObject({ code: 'unavailable' })
    expect([seen.length, waits]).toEqual([2, [4_250]])
  })
})

describe('time and abort', () => {
  test('an attempt without an answer ends in a TimeoutError, after all attempts', async () => {
    const { url, seen } = await scriptedServer('hang')
    const error = await testClient(url, { timeoutMs: 30, maxRetries: 1 }).client.contacts.get('a').catch((e: unknown) => e)
    expect(error).toBeInstanceOf(TimeoutError)
    expect(seen).toHaveLength(2)
  })

  test('a fetch that does not heed its signal is left behind', async () => {
    const { client } = testClient('http://x.test', { timeoutMs: 20, maxRetries: 0 }, { fetch: () => new Promise(() => {}) })
    await expect(client.contacts.get('a')).rejects.toBeInstanceOf(TimeoutError)
  })

  test('a deadline shortens the attempt that would pass it', async () => {
    const { url } = await scriptedServer('hang')
    await expect(testClient(url, { deadlineMs: 25 }).client.contacts.get('a', { maxRetries: 0 })).rejects.toThrow('25 ms')
  })

  test('an aborted signal stops the call before, in and between attempts', async () => {
    const reason = new Error('enough')
    const hanging = await scriptedServer('hang')
    await expect(testClient(hanging.url).client.contacts.get('a', { signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      code: 'aborted', cause: reason,
    })
    expect(hanging.seen).toHaveLength(0)

    const during = new AbortController()
    const call = testClient(hanging.url).client.contacts.get('a', { signal: during.signal })
    setTimeout(() => during.abort(reason), 20)
    await expect(call).rejects.toBeInstanceOf(AbortedError)

    const failing = await scriptedServer(problemAnswer(503, 'unavailable', { headers: { 'retry-after': '29' } }))
    const between = new AbortController()
    const { client } = testClient(failing.url, {}, {
      sleep: (ms, signal) => {
        queueMicrotask(() => between.abort(reason))
        return sleep(ms, signal)
      },
    })
    await expect(client.contacts.get('a', { signal: between.signal })).rejects.toBeInstanceOf(AbortedError)
    expect(failing.seen).toHaveLength(1)
  })

  test('an address without a server is a ConnectionError with the system code', async () => {
    const { url, stop } = await scriptedServer(created)
    await stop()
    const error: unknown = await testClient(url, { maxRetries: 0 }).client.contacts.get('a').catch((e: unknown) => e)
    expect(error).toBeInstanceOf(ConnectionError)
    expect((error as Error).message).toMatch(/^GET 127\.0\.0\.1:\d+ cannot be reached: ECONNREFUSED\.$/)
  })

  test('a server that closed its idle connections is simply called again', async () => {
    const { url, seen, closeIdle } = await scriptedServer({ status: 200, json: contact })
    const { client } = testClient(url)
    await client.contacts.get('a')
    closeIdle()
    await expect(client.contacts.get('a')).resolves.toEqual(contact)
    expect(seen).toHaveLength(2)
  })
})

describe('Idempotency-Key', () => {
  test('each POST has its own, the same for all its attempts', async () => {
    const { url, seen } = await scriptedServer(problemAnswer(500, 'internal'), 'reset', created)
    const { client } = testClient(url)
    await client.contacts.create({ email: 'ada@example.com' })
    await client.contacts.create({ email: 'bob@example.com' })
    expect(seen.map((request) => request.headers['idempotency-key'])).toEqual(['auto_1', 'auto_1', 'auto_1', 'auto_2'])
    expect(new Set(seen.slice(0, 3).map((request) => request.body)).size).toBe(1)
  })

  test('is the one that the caller gives, and no header of his replaces it', async () => {
    const { url, seen } = await scriptedServer(created)
    await testClient(url).client.campaigns.send('cmp_1', { idempotencyKey: 'order-7', headers: { 'Idempotency-Key': 'x' } })
    expect(seen[0]?.headers['idempotency-key']).toBe('order-7')
  })

  test('is not sent on other methods', async () => {
    const { url, seen } = await scriptedServer({ status: 200, json: contact })
    await testClient(url).client.contacts.upsert('ada@example.com', {}, { idempotencyKey: 'order-7' })
    expect(seen[0]?.headers['idempotency-key']).toBeUndefined()
  })

  test.each(['', 'a b', 'ü', 'a\r\nb', 'x'.repeat(256)])('%j is refused without a request', async (idempotencyKey) => {
    const { url, seen } = await scriptedServer(created)
    await expect(testClient(url).client.campaigns.send('cmp_1', { idempotencyKey })).rejects.toMatchObject({ code: 'invalid_argument' })
    expect(seen).toHaveLength(0)
  })
})
