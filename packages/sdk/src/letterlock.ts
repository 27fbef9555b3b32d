import type { ApiKeySource } from './api-key.ts'
import type { Fetch } from './attempt.ts'
import { createCaller } from './caller.ts'
import { environmentVariable } from './environment.ts'
import type { Resources } from './operations.generated.ts'
import { createResources } from './resources.ts'
import { sleep } from './sleep.ts'
import { userAgent } from './user-agent.ts'

/** Settings of a client. */
export interface LetterlockOptions {
  /** The API key, or a function that is asked for it at each call. Absent: `LETTERLOCK_API_KEY`, read at each call. */
  apiKey?: ApiKeySource | undefined
  /** Where the API is, such as `http://127.0.0.1:4000`. Absent: `LETTERLOCK_BASE_URL`, read at each call. */
  baseUrl?: string | undefined
  /** Another `fetch`, for a proxy or a test. */
  fetch?: Fetch | undefined
  /** Milliseconds that one attempt may take, body included; default 30000. */
  timeoutMs?: number | undefined
  /** Milliseconds that a call may take with all its attempts and waits; default no limit of its own. */
  deadlineMs?: number | undefined
  /** How often a failed attempt is repeated, 0 to 10; default 2. */
  maxRetries?: number | undefined
  /** The longest `Retry-After` that is waited for; a longer one is thrown at once. Milliseconds, default 30000. */
  maxRetryAfterMs?: number | undefined
  /** Headers of every request. */
  headers?: Readonly<Record<string, string>> | undefined
}

/**
 * The client of the Letterlock API. Making one does nothing: no network, no environment, and no error when there is
 * no key yet. It does not show its key when printed, serialised or thrown.
 * @example
 * const letterlock = new Letterlock()
 * const contact = await letterlock.contacts.upsert('ada@example.com', { firstName: 'Ada' })
 */
export class Letterlock implements Resources {
  readonly key: Resources['key']
  readonly usage: Resources['usage']
  readonly contacts: Resources['contacts']
  readonly lists: Resources['lists']
  readonly campaigns: Resources['campaigns']
  readonly emails: Resources['emails']

  constructor(options: LetterlockOptions = {}) {
    const { fetch } = options
    const call = createCaller(
      {
        apiKey: options.apiKey,
        baseUrl: options.baseUrl,
        timeoutMs: options.timeoutMs ?? 30_000,
        deadlineMs: options.deadlineMs ?? Number.POSITIVE_INFINITY,
        maxRetries: options.maxRetries ?? 2,
        maxRetryAfterMs: options.maxRetryAfterMs ?? 30_000,
        headers: { ...options.headers },
        userAgent: userAgent(),
      },
      {
        fetch: (url, init) => (fetch ?? globalThis.fetch)(url, init),
        // oxlint-disable-next-line letterlock/no-ambient-time -- the client is where the clock comes in
        now: Date.now,
        // oxlint-disable-next-line no-restricted-properties -- jitter, no secret
        random: Math.random,
        sleep,
        newIdempotencyKey: () => `auto_${crypto.randomUUID()}`,
        environmentVariable,
      },
    )
    const resources = createResources(call)
    this.key = resources.key
    this.usage = resources.usage
    this.contacts = resources.contacts
    this.lists = resources.lists
    this.campaigns = resources.campaigns
    this.emails = resources.emails
  }

  toString(): string {
    return 'Letterlock {}'
  }

  toJSON(): object {
    return {}
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return 'Letterlock {}'
  }
}
