import { newId } from '@letterlock/contract'
import { letterlockKeys } from '@letterlock/keys'
import { authenticate, refuseExposed } from '@letterlock/server/product-rooms'
import type { RateLimitText } from '@letterlock/verifier'
import { ConnectionCut, faultList, type TestFaults } from './faults.ts'
import { type LoopbackListener, listenOnLoopback } from './http/listen-on-loopback.ts'
import { serve, type ServedRequest } from './http/serve.ts'
import { keyStore } from './keys/key-store.ts'
import { checkedLimits, revokeKey, testKeys, type TestKeys } from './keys/test-keys.ts'
import { tellKeyTimes } from './keys/tell-key-times.ts'
import type { SentMessage } from './mail/outbox.ts'
import { sendCampaigns } from './mail/send-campaigns.ts'
import { sendEmails } from './mail/send-emails.ts'
import { memoryEnvironment } from './memory/environment.ts'
import { tellQuotas } from './memory/tell-quotas.ts'
import { unsubscribe } from './memory/unsubscribe.ts'
import { testClock, type TestClock } from './test-clock.ts'
import { type TestWebhooks, webhookQueue } from './webhooks/test-webhooks.ts'

/** Settings of a test server. */
export interface TestServerOptions {
  /** The clock stands still at this moment until it is moved; it goes with the machine's unless given. */
  readonly now?: Date | string
}

/** What the plan of a workspace allows. */
export type Meter = 'contacts.stored' | 'emails.sent'

/** A Letterlock server in memory. */
export interface TestServer {
  /** Where it listens: give it to a client as `baseUrl`. */
  readonly url: string
  /** The same server without a port: give it to a client as `fetch`. */
  readonly fetch: typeof globalThis.fetch
  readonly clock: TestClock
  readonly keys: TestKeys
  readonly webhooks: TestWebhooks
  readonly faults: TestFaults
  /** Messages that were sent, oldest first. */
  readonly outbox: readonly SentMessage[]
  /** Every request that came, oldest first. */
  readonly requests: readonly ServedRequest[]
  /** Bounds a meter in both environments; null: no bound. */
  readonly setQuota: (meter: Meter, limit: number | null) => void
  /** Limits that all keys of an environment share. */
  readonly setRateLimits: (limits: readonly RateLimitText[]) => void
  /** Who got this message of a campaign leaves its lists, as by the link in it. */
  readonly unsubscribe: (message: SentMessage) => void
  /** All keys answer `workspace_suspended` until `resume()`. */
  readonly suspend: () => void
  readonly resume: () => void
  /**
   * Does what the server does by itself in the background: sends what is queued, tells of keys that end, and delivers
   * webhooks. Nothing of it happens before, so that tests see each state.
   */
  readonly settle: () => Promise<void>
  readonly close: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/**
 * A server that answers every operation as Letterlock does, with keys, limits, quotas and time in the hands of a test.
 * It listens on a free port of this machine; `close()` it, or let `await using` do so.
 * @example
 * await using server = await createTestServer()
 * const key = server.keys.create({ scopes: ['contacts:write'], expires: '30d' })
 * const letterlock = new Letterlock({ apiKey: key.token, baseUrl: server.url })
 * server.clock.advance('30d')
 * await letterlock.contacts.upsert('ada@example.com') // throws expired_key
 */
export async function createTestServer({ now }: TestServerOptions = {}): Promise<TestServer> {
  const clock = testClock(now)
  const workspaceId = newId('workspace')
  const environments = { live: memoryEnvironment(workspaceId, 'live'), test: memoryEnvironment(workspaceId, 'test') }
  const store = keyStore(clock.now)
  const faults = faultList()
  const webhooks = webhookQueue(clock.now)
  const outbox: SentMessage[] = []
  const requests: ServedRequest[] = []
  const environmentOf = (mode: 'live' | 'test') => environments[mode]
  const deps = {
    authenticate: authenticate(store.verify, letterlockKeys),
    refuseExposed: refuseExposed({ keyFormat: letterlockKeys, report: () => {} }),
    redact: letterlockKeys.redactKeys,
    environmentOf, faults,
    emit: webhooks.emit,
    clock: clock.now,
    record: (request: ServedRequest) => void requests.push(request),
    revokeKey(keyId: Parameters<typeof store.find>[0]) {
      const key = store.find(keyId)
      if (!key) throw new Error('a key that was proven is stored')
      return revokeKey(store, key, { now: clock.now(), emit: webhooks.emit })
    },
  }
  const answer = (request: Request, ip: string) => serve(deps, request, ip)
  const listener: LoopbackListener = await listenOnLoopback(answer)
  return {
    url: listener.url,
    fetch: (input, init) => fetched(answer, new Request(input, init)),
    clock, faults, outbox, requests,
    keys: testKeys({ store, clock, environmentOf, emit: webhooks.emit }),
    webhooks: { add: webhooks.add, send: webhooks.send },
    setQuota(meter, limit) {
      if (limit !== null && (!Number.isSafeInteger(limit) || limit < 0)) throw new RangeError(`limit must be a whole number from 0 or null, got ${limit}`)
      for (const { quotas } of Object.values(environments)) if (limit === null) quotas.delete(meter)
      else quotas.set(meter, limit)
    },
    setRateLimits: (limits) => store.change(() => (store.workspaceRateLimits = checkedLimits(limits))),
    unsubscribe({ mode, campaignId, contactId }) {
      if (!campaignId || !contactId) throw new TypeError('Only messages of campaigns have a link to unsubscribe.')
      unsubscribe(environments[mode], { campaignId, contactId, now: clock.now() }, webhooks.emit)
    },
    suspend: () => store.change(() => (store.suspended = true)),
    resume: () => store.change(() => (store.suspended = false)),
    settle,
    close,
    [Symbol.asyncDispose]: close,
  }

  async function settle(): Promise<void> {
    const at = clock.now()
    for (const environment of Object.values(environments)) {
      sendEmails(environment, { now: at, emit: webhooks.emit, outbox })
      sendCampaigns(environment, { now: at, emit: webhooks.emit, outbox })
      tellQuotas(environment, at, webhooks.emit)
    }
    tellKeyTimes(store, at, webhooks.emit)
    await webhooks.deliver()
  }

  function close(): Promise<void> {
    faults.clear()
    return listener.close()
  }
}

/** As `fetch` answers: it rejects with a TypeError when the connection was cut, and when the signal is aborted. */
function fetched(answer: (request: Request, ip: string) => Promise<Response>, request: Request): Promise<Response> {
  const { signal } = request
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    answer(request, '127.0.0.1')
      .then(resolve, (error: unknown) => reject(error instanceof ConnectionCut ? new TypeError('fetch failed', { cause: error }) : error))
      .finally(() => signal.removeEventListener('abort', abort))
  })
}
