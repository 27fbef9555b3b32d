/** How a client behaves towards a server in trouble: retry budget, pace, and what it says of it. */
import { describe, expect, test } from 'vitest'
import { createLog, type Logger } from '../src/log.ts'
import { pacer } from '../src/pacer.ts'
import { retryBudget } from '../src/retry-budget.ts'
import { problemAnswer, type Scripted, scriptedServer } from './scripted-server.ts'
import { testClient } from './test-client.ts'

const ok: Scripted = { status: 200, json: {} }

function listening() {
  const lines: string[] = []
  const keep = (level: string) => (message: string) => void lines.push(`${level} ${message}`)
  const logger: Logger = { error: keep('error'), warn: keep('warn'), info: keep('info'), debug: keep('debug') }
  return { lines, logger }
}

describe('the retry budget', () => {
  test('is 20 retries for a client as a whole: an outage is not answered with three times the load', async () => {
    const { url, seen } = await scriptedServer(problemAnswer(503, 'unavailable'))
    const { lines, logger } = listening()
    const { client } = testClient(url, { logger, logLevel: 'info' })
    for (let i = 0; i < 50; i++) await expect(client.contacts.get('a')).rejects.toMatchObject({ code: 'unavailable' })
    expect(seen).toHaveLength(50 + 20)
    expect(lines.at(-1)).toBe('info letterlock: contacts.get: not tried again, too many calls of this client fail')
  })

  test('gets a tenth of a retry back for each success, and never holds more than at first', () => {
    const budget = retryBudget()
    const taken = () => Array.from({ length: 30 }, () => budget.take()).filter(Boolean).length
    expect(taken()).toBe(20)
    for (let i = 0; i < 9; i++) budget.refill()
    expect(taken()).toBe(0)
    budget.refill()
    expect(taken()).toBe(1)
    for (let i = 0; i < 1_000; i++) budget.refill()
    expect(taken()).toBe(20)
  })
})

describe('pace', () => {
  const left = (r: number, t: number): Scripted => ({ ...ok, headers: { 'ratelimit-policy': '"d";q=100;w=10', ratelimit: `"d";r=${r};t=${t}` } })

  test('is off unless asked for', async () => {
    const { url } = await scriptedServer(left(0, 5))
    const { client, waits } = testClient(url)
    await client.key.get()
    await client.key.get()
    expect(waits).toEqual([])
  })

  test('waits for the reset when nothing is left', async () => {
    const { url } = await scriptedServer(left(0, 5), left(99, 10))
    const { client, waits } = testClient(url, { pace: true })
    await client.key.get()
    await client.key.get()
    expect(waits).toEqual([5_000])
  })

  test('does not wait longer than maxRetryAfterMs or the deadline: the server then says what it thinks', async () => {
    const { url, seen } = await scriptedServer(left(0, 86_400))
    const { client, waits } = testClient(url, { pace: true })
    await client.key.get()
    await client.key.get()
    const short = await scriptedServer(left(0, 5))
    const hurried = testClient(short.url, { pace: true, deadlineMs: 4_000 })
    await hurried.client.key.get()
    await hurried.client.key.get()
    expect([waits, hurried.waits, seen.length, short.seen.length]).toEqual([[], [], 2, 2])
  })

  test('spreads concurrent calls over what is left below a quarter', () => {
    const paced = pacer()
    const left = (remaining: number, resetSeconds: number) => new Headers({ 'ratelimit-policy': '"d";q=100', ratelimit: `"d";r=${remaining};t=${resetSeconds}` })
    paced.learn(left(50, 10), 0)
    expect([paced.take(0), paced.take(0)]).toEqual([0, 0])
    paced.learn(left(10, 5), 0)
    expect([paced.take(0), paced.take(0), paced.take(0), paced.take(1_600)]).toEqual([0, 500, 1_000, 0])
  })
})

describe('the log', () => {
  test('is silent about success and failure unless asked', async () => {
    const { url } = await scriptedServer(ok, problemAnswer(500, 'internal'))
    const { lines, logger } = listening()
    const { client } = testClient(url, { logger })
    await client.key.get()
    await client.contacts.get('a').catch(() => {})
    expect(lines).toEqual([])
  })

  test('at debug names operation, template, status, time and request id; no address, no body, no secret header', async () => {
    const { url } = await scriptedServer({ ...ok, headers: { 'x-request-id': 'req_7' } })
    const { lines, logger } = listening()
    const { client } = testClient(url, { logger, logLevel: 'debug' })
    await client.contacts.upsert('ada@example.com', { firstName: 'Ada' }, { headers: { 'X-Api-Key': 'hush', cookie: 'hush', 'x-shop': '7' } })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^debug letterlock: contacts\.upsert: PUT \/contacts\/\{email\} → 200 in 0 ms \(attempt 1, req_7; .*x-api-key: \*\*\*.*x-shop: 7, .*\)$/)
    expect(lines.join()).not.toMatch(/ada@|Ada|hush|acme_key/)
  })

  test('at info says what is tried again, and LETTERLOCK_LOG is its level', async () => {
    const { url } = await scriptedServer(problemAnswer(503, 'unavailable'), ok)
    const { lines, logger } = listening()
    await testClient(url, { logger }, { environmentVariable: () => 'info' }).client.key.get()
    expect(lines).toEqual(['info letterlock: key.get: unavailable, tried again in 250 ms'])
  })

  test('takes a level that is none for warn, and a logger that throws for one that is silent', () => {
    const { lines, logger } = listening()
    const log = createLog(logger, () => 'loud')
    log('info', () => 'a')
    log('warn', () => 'b')
    createLog({ ...logger, warn: () => { throw new Error('full') } }, () => undefined)('warn', () => 'c')
    expect(lines).toEqual(['warn letterlock: b'])
  })
})
