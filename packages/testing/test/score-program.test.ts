import { Letterlock } from 'letterlock'
import { verifyWebhook } from 'letterlock/webhooks'
import { expect, test } from 'vitest'
import { type ProgramSetup, scoreProgram } from '../src/index.ts'

const client = ({ baseUrl, readKey }: ProgramSetup) => new Letterlock({ baseUrl, apiKey: readKey, timeoutMs: 500, logLevel: 'off' })

/** As its documents say how to use the client. */
function wellMade(setup: ProgramSetup) {
  const letterlock = client(setup)
  let made = 0
  return {
    work: () => letterlock.lists.create({ name: `Readers ${++made}` }),
    async receiveWebhook(request: Request) {
      const event = await verifyWebhook({ body: await request.text(), headers: request.headers }, setup.webhookSecrets).catch(() => null)
      return new Response(null, { status: event ? 204 : 400 })
    },
  }
}

/** Reads its key once, asks till it gets what it wants, takes what comes. */
function illMade({ baseUrl, readKey }: ProgramSetup) {
  const authorization = `Bearer ${readKey()}`
  return {
    async work() {
      for (let attempt = 0; attempt < 6; attempt++) {
        const response = await fetch(`${baseUrl}/v1/lists`, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: '{"name":"Readers"}' })
        await response.arrayBuffer()
        if (response.ok) return
      }
      throw new Error('no success')
    },
    receiveWebhook: () => new Response(),
  }
}

/** Takes a server whose clock is not its own for a swindler. */
function suspicious({ baseUrl, readKey }: ProgramSetup) {
  return {
    async work() {
      const response = await fetch(`${baseUrl}/v1/key`, { headers: { authorization: `Bearer ${readKey()}` } })
      await response.arrayBuffer()
      if (Math.abs(Date.parse(response.headers.get('date') ?? '') - performance.timeOrigin - performance.now()) > 60_000) throw new Error('What time is it?')
    },
  }
}

test('scoreProgram() passes a program that uses the client as documented, in every scenario', async () => {
  const { scenarios, passed, text } = await scoreProgram(wellMade)
  expect(scenarios.filter((score) => !score.passed)).toEqual([])
  expect(passed).toBe(13)
  expect(text).toMatch(/\n\n13 of 13 passed$/)
}, 60_000)

test('scoreProgram() says that the client survives rotation: 0 failed of 4 200', async () => {
  const { text } = await scoreProgram(wellMade, { scenarios: ['rotation'], calls: 4_200, concurrency: 16 })
  expect(text).toBe('ok      survives rotation: 0 failed of 4 200\n\n1 of 1 passed')
}, 60_000)

test('scoreProgram() says of an ill-made program where it fails, and how', async () => {
  const { scenarios, passed, text } = await scoreProgram(illMade, { calls: 60, patienceMs: 1_000 })
  const of = Object.fromEntries(scenarios.map((score) => [score.name, score]))
  expect(passed).toBe(1) // it does not mind clocks
  expect(of.rotation).toMatchObject({ calls: 60, failed: expect.toSatisfy((failed: number) => failed >= 20 && failed < 60) })
  expect(of.expiry?.failed).toBeGreaterThanOrEqual(20)
  expect(of.replacement?.failed).toBeGreaterThanOrEqual(30)
  expect(of.revocation?.remarks).toEqual(['it asked 6.0 times a call, though the answer was final'])
  expect(of.suspension?.remarks).toEqual(['it asked 6.0 times a call, though the answer was final'])
  expect(of.rate_limit?.remarks).toEqual([expect.stringMatching(/requests came before the time that Retry-After names$/)])
  expect(of.quota?.remarks).toEqual(['it asked 6.0 times a call, though the month is not over'])
  expect(of.hiccups?.failures).toEqual({ TypeError: 2 }) // cut connections; it asks again after a 5xx
  expect(of.silence?.failures).toEqual({ no_end: 1 })
  expect(of.outage?.remarks).toEqual(['it asked 6.0 times a call, while the server could not answer'])
  expect(of.lost_answers?.remarks).toEqual(['lists.create came without Idempotency-Key: who repeats it does it twice'])
  expect(of.webhooks?.failures).toEqual({ signed_by_another: 1, changed_on_its_way: 1, an_hour_old: 1, without_signature: 1 })
  expect(text).toContain('FAILED  takes genuine webhooks and no other: 4 failed of 7\n          signed_by_another × 1\n')
}, 60_000)

test('scoreProgram() leaves out the receiver of webhooks where there is none, and sees who trusts clocks', async () => {
  const { scenarios } = await scoreProgram(suspicious, { scenarios: ['clock_skew', 'webhooks'], calls: 10 })
  expect(scenarios).toMatchObject([{ name: 'clock_skew', passed: false, failures: { Error: 20 } }])
})

test('scoreProgram() stops what it started, also when it fails, and refuses a load that is none', async () => {
  let stopped = 0
  await scoreProgram(() => ({ work: () => { throw new Error('at once') }, stop: () => void (stopped += 1) }), { scenarios: ['silence', 'rotation'], calls: 4 })
  expect(stopped).toBe(2)
  await expect(scoreProgram(() => Promise.reject(new Error('no start')))).rejects.toThrow('no start')
  await expect(scoreProgram(wellMade, { calls: 0 })).rejects.toThrow('calls must be a whole number from 1, got 0')
  await expect(scoreProgram(wellMade, { scenarios: ['rotatoin' as 'rotation'] })).rejects.toThrow('There is no scenario "rotatoin"; there are rotation, ')
})
