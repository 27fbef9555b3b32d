/** What the client knows of its key: expiry, newer secrets, refusals. */
import { letterlockKeys } from '@letterlock/keys'
import { describe, expect, test } from 'vitest'
import { keyWatch, type KeyExpiring } from '../src/credentials/key-watch.ts'
import { Letterlock } from '../src/letterlock.ts'
import { AuthPausedError } from '../src/errors.ts'
import { keyServer } from './key-server.ts'
import { testClient } from './test-client.ts'

const day = 86_400_000
const start = Date.parse('2026-11-22T12:00:00.000Z')
const apiKey: string = letterlockKeys.issue({ mode: 'live' }).token

function watching() {
  const events: KeyExpiring[] = []
  const watch = keyWatch((event) => void events.push(event))
  const answer = ({ key = apiKey, id = 'key_1', leftMs, superseded = false, now = start }: { key?: string; id?: string | null; leftMs?: number; superseded?: boolean; now?: number }) => {
    const headers = new Headers()
    if (id !== null) headers.set('Letterlock-Key-Id', id)
    if (leftMs !== undefined) headers.set('Letterlock-Key-Expires-At', new Date(now + leftMs).toISOString())
    if (superseded) headers.set('Letterlock-Key-Superseded', 'true')
    watch.learn(key, headers, now)
  }
  return { events, watch, answer, thresholds: () => events.map((event) => event.thresholdDays) }
}

describe('onKeyExpiring', () => {
  test('tells 30, 7 and 1 days before, each once, however many answers come', () => {
    const { answer, thresholds } = watching()
    const expiry = 40 * day
    for (let hour = 0; hour <= 40 * 24; hour++) answer({ now: start + hour * 3_600_000, leftMs: expiry - hour * 3_600_000 })
    expect(thresholds()).toEqual([30, 7, 1])
  })

  test.each([[30 * day + 1, []], [30 * day, [30]], [7 * day, [7]], [day + 1, [7]], [day, [1]], [0, [1]]])(
    'with %i ms left at first: the nearest threshold alone, %j', (leftMs, told) => {
      const { answer, thresholds } = watching()
      answer({ leftMs })
      answer({ leftMs })
      expect(thresholds()).toEqual(told)
    },
  )

  test('begins anew when the key got another expiry, and for another key', () => {
    const { answer, thresholds } = watching()
    answer({ leftMs: 6 * day })
    answer({ leftMs: 29 * day })
    answer({ leftMs: 6 * day, id: 'key_2' })
    expect(thresholds()).toEqual([7, 30, 7])
  })

  test('tells once of each secret that a newer one exists, also where keys have a prefix of their own', () => {
    const { answer, events } = watching()
    for (const key of ['acme_1', 'acme_1', 'acme_2']) answer({ key, superseded: true })
    expect(events).toEqual([
      { keyId: 'key_1', expiresAt: null, thresholdDays: null, superseded: true }, { keyId: 'key_1', expiresAt: null, thresholdDays: null, superseded: true },
    ])
  })

  test('is not told by answers without Letterlock-Key-Id, nor by a date that is none', () => {
    const { events, watch, answer } = watching()
    answer({ id: null, leftMs: day })
    watch.learn(apiKey, new Headers({ 'letterlock-key-id': 'key_1', 'letterlock-key-expires-at': 'soon' }), start)
    expect(events).toEqual([])
  })

  test('without a listener the log warns, and shows no secret', async () => {
    const lines: string[] = []
    const keep = (line: string) => void lines.push(line)
    const { url } = await keyServer({ [apiKey]: 'ok' }, { 'letterlock-key-id': 'key_1', 'letterlock-key-expires-at': new Date(start + day).toISOString() })
    const { client } = testClient(url, { apiKey, logger: { error: keep, warn: keep, info: keep, debug: keep } })
    await client.key.get()
    await client.key.get()
    expect(lines).toEqual(['letterlock: the API key key_1 expires at 2026-11-23T12:00:00.000Z'])
  })
})

test('client.key.status() tells what the last answer said, without asking', async () => {
  const headers = {
    'letterlock-key-id': 'key_1', 'letterlock-key-expires-at': '2026-12-01T00:00:00.000Z', 'letterlock-key-superseded': 'true',
    'ratelimit-policy': '"default";q=100;w=10', ratelimit: '"default";r=99;t=1',
  }
  const { url, seen } = await keyServer({ [apiKey]: 'ok' }, headers)
  const client = new Letterlock({ apiKey, baseUrl: url, logLevel: 'off' })
  expect(client.key.status()).toEqual({ keyId: null, shown: null, expiresAt: null, superseded: false, rateLimits: [], seenAt: null })
  await client.withOptions({ maxRetries: 0 }).key.get() // the same key
  expect(client.key.status()).toEqual({
    keyId: 'key_1', shown: letterlockKeys.redact(apiKey), expiresAt: new Date('2026-12-01T00:00:00.000Z'), superseded: true,
    rateLimits: [{ name: 'default', remaining: 99, limit: 100, windowSeconds: 10, resetSeconds: 1 }], seenAt: expect.any(Date) as Date,
  })
  expect(seen).toHaveLength(1)
})

describe('the pause after refusals', () => {
  const refusals = async (count: number, call: () => PromiseLike<unknown>) => {
    for (let i = 0; i < count; i++) await expect(call()).rejects.toMatchObject({ status: 401 })
  }

  test('after five 401 in a row a key is not sent for a minute, then one call may try, and a success ends it', async () => {
    const { url, seen, answers } = await keyServer({ [apiKey]: 'invalid_key' })
    const lines: string[] = []
    const logger = { error: () => {}, warn: (line: string) => void lines.push(line), info: () => {}, debug: () => {} }
    const { client, state } = testClient(url, { apiKey, logger })
    await refusals(5, () => client.key.get())
    const paused: unknown = await client.key.get().then(null, (error: unknown) => error)
    expect(paused).toBeInstanceOf(AuthPausedError)
    expect(paused).toMatchObject({ code: 'auth_paused', retryAt: new Date(state.now + 60_000) })
    expect(seen).toHaveLength(5)
    expect(lines).toEqual(['letterlock: the server refuses the API key again and again: it is not sent for a while'])
    state.now += 60_000
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => client.key.get()))
    expect(results.map((each) => (each as { reason: { code: string } }).reason.code).sort()).toEqual([...Array<string>(9).fill('auth_paused'), 'invalid_key'])
    expect(seen).toHaveLength(6)
    answers[apiKey] = 'ok'
    state.now += 60_000
    await client.key.get()
    await Promise.all([client.key.get(), client.key.get()])
    expect(seen).toHaveLength(9)
  })

  test('any other answer ends the count, and 403 is no refusal of the key', async () => {
    const { url, answers } = await keyServer({ [apiKey]: 'disabled_key' })
    const { client } = testClient(url, { apiKey })
    for (let round = 0; round < 3; round++) {
      answers[apiKey] = 'disabled_key'
      await refusals(4, () => client.key.get())
      answers[apiKey] = 'insufficient_scope'
      await expect(client.key.get()).rejects.toMatchObject({ code: 'insufficient_scope' })
    }
  })

  test('another key is sent at once', async () => {
    const { url } = await keyServer({ [apiKey]: 'invalid_key', acme_key: 'ok' })
    let stored = apiKey
    const { client } = testClient(url, { apiKey: () => stored, apiKeyHeldMs: 0 })
    await refusals(5, () => client.key.get())
    stored = 'acme_key'
    await expect(client.key.get()).resolves.toEqual({ id: 'key_1' })
  })

  test('has other numbers by `authPause`, and none with false', async () => {
    const { url, seen } = await keyServer({ [apiKey]: 'invalid_key' })
    const strict = testClient(url, { apiKey, authPause: { after: 1, ms: 1_000 } })
    await refusals(1, () => strict.client.key.get())
    await expect(strict.client.key.get()).rejects.toMatchObject({ code: 'auth_paused', retryAt: new Date(strict.state.now + 1_000) })
    await refusals(20, () => testClient(url, { apiKey, authPause: false }).client.key.get())
    expect(seen).toHaveLength(21)
  })
})
