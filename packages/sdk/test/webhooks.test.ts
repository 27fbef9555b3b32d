/** Webhooks: verified against what an independent library signs, and the other way round. */
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import type { EventType } from '@letterlock/contract'
import { Webhook } from 'standardwebhooks'
import { describe, expect, expectTypeOf, test, vi } from 'vitest'
import { eventsSource } from '../scripts/events-source.ts'
import { LetterlockError } from '../src/errors.ts'
import {
  newWebhookSecret, signWebhook, type UnknownWebhookEvent, verifyWebhook, webhookDispatcher, type WebhookEvent, type WebhookEvents, type WebhookEventType,
} from '../src/webhooks/index.ts'

const secret = newWebhookSecret()
const old = newWebhookSecret()
const now = Date.parse('2026-11-22T12:00:00.000Z')
const event = { type: 'contact.deleted', data: { id: 'con_1', email: 'zoë@example.com' } } as const
const codeOf = (work: Promise<unknown>) => work.then(() => 'verified', (error: unknown) => (error instanceof LetterlockError ? error.code : error))

describe('the independent standardwebhooks package', () => {
  test('verifies what signWebhook() signs, also with two secrets', async () => {
    const { body, headers } = await signWebhook(event, [old, secret])
    for (const each of [old, secret]) expect(new Webhook(each).verify(body, { ...headers })).toMatchObject(event)
    expect(() => new Webhook(newWebhookSecret()).verify(body, { ...headers })).toThrow('No matching signature')
  })

  test('signs what verifyWebhook() verifies, and every change of it is refused by both', async () => {
    const at = new Date()
    const body = JSON.stringify({ type: 'email.bounced', timestamp: at.toISOString(), data: { to: 'ünï@example.com', bounce: 'hard', reason: '' } })
    const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)), 'webhook-signature': new Webhook(secret).sign('evt_1', at, body) }
    await expect(verifyWebhook({ body, headers }, secret)).resolves.toEqual({ id: 'evt_1', ...(JSON.parse(body) as object) })
    const changes = [
      { body: `${body} `, headers }, { body: body.replace('hard', 'soft'), headers },
      { body, headers: { ...headers, 'webhook-id': 'evt_2' } }, { body, headers: { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) } },
    ]
    for (const changed of changes) {
      expect(await codeOf(verifyWebhook(changed, secret))).toBe('invalid_webhook_signature')
      expect(() => new Webhook(secret).verify(changed.body, changed.headers)).toThrow('No matching signature')
    }
  })

  test('agrees on a hundred random bodies, secrets of 24 to 64 bytes, in text and in bytes', async () => {
    for (let i = 0; i < 100; i++) {
      const bytes = crypto.getRandomValues(new Uint8Array(24 + (i % 41)))
      const each = `${i % 2 ? 'whsec_' : ''}${Buffer.from(bytes).toString('base64')}`
      const body = JSON.stringify({ type: 'x.y', timestamp: 't', data: String.fromCodePoint(...crypto.getRandomValues(new Uint16Array(i))) })
      const at = new Date()
      const headers = new Headers({ 'webhook-id': `evt_${i}`, 'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)), 'webhook-signature': new Webhook(each).sign(`evt_${i}`, at, body) })
      const given = i % 3 ? body : new TextEncoder().encode(body)
      await expect(verifyWebhook({ body: given, headers }, each)).resolves.toMatchObject({ type: 'x.y' })
    }
  })
})

describe('verifyWebhook()', () => {
  const verify = async (change: { headers?: Record<string, string | undefined>; body?: unknown } = {}, ...[secrets = secret, options]: [secrets?: string | string[], options?: object]) => {
    const { body, headers } = await signWebhook(event, secret, { now })
    return verifyWebhook({ body: (change.body ?? body) as string, headers: { ...headers, ...change.headers } }, secrets, { now, ...options })
  }

  test('takes any of several secrets, so that one can be rotated', async () => {
    await expect(verify({}, [old, secret])).resolves.toMatchObject({ type: 'contact.deleted', timestamp: '2026-11-22T12:00:00.000Z' })
    expect(await codeOf(verify({}, [old]))).toBe('invalid_webhook_signature')
  })

  test('takes headers of Fetch and of Node, in any case', async () => {
    const { body, headers } = await signWebhook(event, secret, { now })
    const shouted = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]))
    for (const each of [new Headers(headers), new Request('http://x.test', { headers }).headers, { host: undefined, ...headers }, shouted]) {
      await expect(verifyWebhook({ body, headers: each }, secret, { now })).resolves.toMatchObject({ data: event.data })
    }
  })

  test.each([[300, 'verified'], [301, 'stale_webhook'], [-300, 'verified'], [-301, 'stale_webhook']])('%i s after it was sent: %s', async (seconds, code) => {
    expect(await codeOf(verify({}, secret, { now: now + seconds * 1_000 }))).toBe(code)
  })

  test.each([Number.NaN, -1, 'x', null])('a tolerance of %j lets nothing through', async (toleranceSeconds) => {
    expect(await codeOf(verify({}, secret, { toleranceSeconds, now: now + 1_000 }))).toBe('stale_webhook')
  })

  test.each([
    ['webhook-id', undefined], ['webhook-id', ''], ['webhook-timestamp', undefined], ['webhook-timestamp', '1e9'], ['webhook-timestamp', '-1'], ['webhook-timestamp', ' 1'],
    ['webhook-signature', undefined], ['webhook-signature', 'v1,'], ['webhook-signature', 'v1,!!'], ['webhook-signature', 'v2,AAAA'], ['webhook-signature', 'v1,AAAA v1a,AAAA'],
  ])('%s: %j is refused', async (name, value) => {
    expect(await codeOf(verify({ headers: { [name]: value } }))).toBe('invalid_webhook_signature')
  })

  test('a header that is there twice is refused', async () => {
    const { body, headers } = await signWebhook(event, secret, { now })
    expect(await codeOf(verifyWebhook({ body, headers: { ...headers, 'Webhook-Id': 'evt_2' } }, secret, { now }))).toBe('invalid_webhook_signature')
  })

  test('passes over signatures of kinds it does not know, and looks at ten', async () => {
    const { body, headers } = await signWebhook(event, secret, { now })
    const behind = (count: number) => ({ body, headers: { ...headers, 'webhook-signature': `${'v1a,AAAA '.repeat(count)}${headers['webhook-signature']}` } })
    expect(await codeOf(verifyWebhook(behind(9), secret, { now }))).toBe('verified')
    expect(await codeOf(verifyWebhook(behind(10), secret, { now }))).toBe('invalid_webhook_signature')
  })

  test('a body that was parsed is refused with the way out', async () => {
    await expect(verify({ body: { type: 'x' } })).rejects.toMatchObject({ code: 'invalid_argument', message: expect.stringContaining('as it came') as string })
  })

  test.each(['{', 'null', '[]', '"x"', '{"type":1,"timestamp":"t","data":{}}', '{"type":"x","data":{}}', '{"type":"x","timestamp":"t"}'])(
    'a signed body that is no event, %s, is malformed_webhook', async (body) => {
      const sentAt = new Date(Math.floor(Date.now() / 1_000) * 1_000)
      const headers = { 'webhook-id': 'evt_1', 'webhook-timestamp': String(sentAt.getTime() / 1_000), 'webhook-signature': new Webhook(secret).sign('evt_1', sentAt, body) }
      expect(await codeOf(verifyWebhook({ body, headers }, secret))).toBe('malformed_webhook')
    },
  )

  test.each([['', 'empty'], [`whsec_${'A'.repeat(28)}`, 'short'], [`whsec_${'A'.repeat(92)}`, 'long'], [`${secret}\n`, 'with a line break'], [`"${secret}"`, 'quoted'], [undefined, 'absent'], [[], 'none'], [Array<string>(11).fill(secret), 'eleven']] as [unknown, string][])(
    'a secret that cannot be right is refused before anything else, unseen (%#: %s)', async (...[secrets]) => {
      const error: unknown = await verifyWebhook({ body: '', headers: {} }, secrets as string).then(null, (e: unknown) => e)
      expect(error).toMatchObject({ code: 'malformed_webhook_secret' })
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret.slice(10, 30))
    },
  )
})

describe('webhookDispatcher()', () => {
  const known = { id: 'evt_1', type: 'email.bounced', timestamp: 't', data: { to: 'a@b.c', bounce: 'hard', reason: 'gone' } } satisfies WebhookEvent

  test('hands an event to its handler, and any other to the one for all others', async () => {
    const otherwise = vi.fn<(event: WebhookEvent) => string>(() => 'other')
    const dispatch = webhookDispatcher<string>({ 'email.bounced': ({ data }) => Promise.resolve(`${data.to} ${data.bounce}`) }, otherwise)
    await expect(dispatch(known)).resolves.toBe('a@b.c hard')
    for (const type of ['email.opened', 'comet.seen', 'constructor', '__proto__', 'toString', '']) {
      await expect(dispatch({ ...known, type: type as unknown as UnknownWebhookEvent['type'] })).resolves.toBe('other')
    }
    expect(otherwise).toHaveBeenCalledTimes(6)
  })

  test('rejects with what a handler throws, so that the event is sent again', async () => {
    const dispatch = webhookDispatcher({ 'email.bounced': () => { throw new Error('database is away') } }, () => {})
    await expect(dispatch(known)).rejects.toThrow('database is away')
  })

  test('without a function for all others does not compile, and is refused', () => {
    // @ts-expect-error -- events of a newer server need an answer
    expect(() => webhookDispatcher({})).toThrow('needs a function for all other events')
  })
})

describe('types', () => {
  test('switch (event.type) narrows to the data of each event, and leaves the unknown to default', () => {
    const told = (event: WebhookEvent) => {
      switch (event.type) {
        case 'email.bounced':
          expectTypeOf(event.data.bounce).toEqualTypeOf<'hard' | 'soft' | (string & {})>()
          return event.data.reason
        case 'key.expiring':
          return event.data.expiresAt
        default:
          expectTypeOf<'email.bounced'>().not.toExtend<typeof event.type>()
          return event.type
      }
    }
    expect(told({ id: 'evt_1', type: 'comet.seen' as unknown as UnknownWebhookEvent['type'], timestamp: 't', data: 1 })).toBe('comet.seen')
    // @ts-expect-error -- no such event
    expect((event: WebhookEvent) => event.type === 'email.bounce').toBeTypeOf('function')
  })

  test('a handler gets the data of its event; a misspelt one does not compile', () => {
    webhookDispatcher({ 'contact.created': ({ data }) => { expectTypeOf(data.email).toBeString() } }, () => {})
    // @ts-expect-error -- no such event
    webhookDispatcher({ 'contact.create': () => {} }, () => {})
    // @ts-expect-error -- data of another event
    expect(() => signWebhook({ type: 'contact.deleted', data: { to: 'a@b.c' } }, secret)).toBeTypeOf('function')
  })

  test('events.generated.ts is what the event table makes today (else: pnpm generate)', () => {
    expect(eventsSource()).toBe(readFileSync(new URL('../src/webhooks/events.generated.ts', import.meta.url), 'utf8'))
    expectTypeOf<keyof WebhookEvents>().toEqualTypeOf<WebhookEventType>()
    expectTypeOf<EventType>().toEqualTypeOf<WebhookEventType>()
  })
})
