import type { ApiKeySource, ExpectedMode } from './api-key.ts'
import { type ApiPromise, apiPromise } from './api-promise.ts'
import type { Fetch } from './attempt.ts'
import { inBrowser, isBrowser, type Surroundings } from './browser-guard.ts'
import { createCaller, type Effects } from './caller.ts'
import type { CallOptions } from './call-options.ts'
import type { AuthPause } from './credentials/auth-breaker.ts'
import type { KeySwitched } from './credentials/key-ring.ts'
import type { KeyExpiring, KeyStatus } from './credentials/key-watch.ts'
import { environmentVariable } from './environment.ts'
import { type FreeRequest, freeOperation } from './free-request.ts'
import type { Logger, LogLevel } from './log.ts'
import type { Middleware } from './middleware.ts'
import type { KeyResource, Resources } from './operations.generated.ts'
import { createResources } from './resources.ts'
import { type Scope, scopedClient, type ScopedLetterlock } from './scopes.ts'
import { createSession, type Session } from './session.ts'
import { sleep } from './sleep.ts'
import { userAgent } from './user-agent.ts'

/** Methods of `letterlock.key`. */
export interface LetterlockKey extends KeyResource {
  /** What the answers so far told of the key in use; nothing is asked for. */
  status(): KeyStatus
}

/** Settings that a client made by `withOptions()` can have of its own. */
export interface RequestSettings {
  /** Where the API is, such as `http://127.0.0.1:4000`. Absent: `LETTERLOCK_BASE_URL`, read at each call. */
  baseUrl?: string | undefined
  /** Another `fetch`, for a proxy or a test. */
  fetch?: Fetch | undefined
  /** Milliseconds that one attempt may take, body included; default 30000. */
  timeoutMs?: number | undefined
  /** Milliseconds that a call may take with all its attempts and waits; default no limit of its own. */
  deadlineMs?: number | undefined
  /** How often a failed attempt is repeated, 0 to 10; default 2. A client as a whole repeats at most a tenth of its calls in the long run. */
  maxRetries?: number | undefined
  /** The longest `Retry-After` that is waited for; a longer one is thrown at once. Milliseconds, default 30000. */
  maxRetryAfterMs?: number | undefined
  /** Headers of every request. */
  headers?: Readonly<Record<string, string>> | undefined
  /** Functions around each attempt, the first outermost. They do not see the key. */
  middleware?: readonly Middleware[] | undefined
}

/** Settings of a client. */
export interface LetterlockOptions extends RequestSettings {
  /** The API key, or a function that finds it. Absent: `apiKeyFile`, then `LETTERLOCK_API_KEY`, then `LETTERLOCK_API_KEY_FILE`, read at each call. */
  apiKey?: ApiKeySource | undefined
  /** The key and those that come after it: when the server says that one expired, was revoked or retired, the next is used. */
  keys?: readonly (ApiKeySource | undefined)[] | undefined
  /** A file with the key that only its owner may read (mode 0600 or less); read again when it changes. Node 20.16, Bun, Deno. */
  apiKeyFile?: string | undefined
  /** Milliseconds for which the answer of a function `apiKey` is held; default 60000, 0 asks at each call. */
  apiKeyHeldMs?: number | undefined
  /** Refuses a key of the other mode before it is sent, such as a test key in production. */
  mode?: ExpectedMode | undefined
  /** Told once for each change from one key to the next; absent: the log says so at `warn`. */
  onKeySwitched?: ((event: KeySwitched) => void) | undefined
  /** Told 30, 7 and 1 days before the key expires, and when a newer secret exists; once each. Absent: the log says so at `warn`. */
  onKeyExpiring?: ((event: KeyExpiring) => void) | undefined
  /** After so many 401 in a row for one key, it is not sent for a while; default 5 and 60000 ms, false: never. */
  authPause?: AuthPause | false | undefined
  /** Slows down before a limit is reached, by what the server says is left; default false. */
  pace?: boolean | undefined
  /** Where log lines go; default `console`. */
  logger?: Logger | undefined
  /** Default `LETTERLOCK_LOG`, then `warn`. `debug` shows each attempt; bodies, addresses and keys are never shown. */
  logLevel?: LogLevel | undefined
}

/**
 * The client of the Letterlock API. Making one does nothing: no network, no environment, and no error when there is
 * no key yet; in a browser it throws `in_browser`. It does not show its key when printed, serialised or thrown.
 * @example
 * const letterlock = new Letterlock()
 * const contact = await letterlock.contacts.upsert('ada@example.com', { firstName: 'Ada' })
 */
export class Letterlock implements Resources {
  readonly key: LetterlockKey
  readonly usage: Resources['usage']
  readonly contacts: Resources['contacts']
  readonly properties: Resources['properties']
  readonly lists: Resources['lists']
  readonly campaigns: Resources['campaigns']
  readonly emails: Resources['emails']
  readonly #options: LetterlockOptions
  readonly #session: Session
  readonly #call: ReturnType<typeof createCaller>

  constructor(options: LetterlockOptions = {}) {
    if (isBrowser(globalThis as Surroundings)) throw inBrowser()
    this.#options = options
    this.#session = sharedSessions.get(options) ?? createSession(options, world)
    this.#call = createCaller(settingsOf(options), this.#session, effectsOf(options.fetch))
    const resources = createResources(this.#call)
    this.key = { ...resources.key, status: () => this.#session.watch.status() }
    this.usage = resources.usage
    this.contacts = resources.contacts
    this.properties = resources.properties
    this.lists = resources.lists
    this.campaigns = resources.campaigns
    this.emails = resources.emails
  }

  /** A client with other settings of its requests; key, retry budget, pace and log are shared with this one. */
  withOptions(settings: RequestSettings): Letterlock {
    const options = { ...this.#options, ...settings }
    sharedSessions.set(options, this.#session)
    return new Letterlock(options)
  }

  /**
   * This client with the calls that these scopes allow, and no others: `letterlock.withScopes(['contacts:read'])`.
   * `checkScopes()` of what it answers asks the server whether the key has them.
   */
  withScopes<const S extends Scope>(scopes: readonly S[]): ScopedLetterlock<S> {
    return scopedClient(this, scopes)
  }

  /**
   * Calls what this version has no method for: `letterlock.request('GET', '/segments', { query: { limit: 10 } })`.
   * Key, retries and errors are as everywhere; what it answers is not checked against `T`.
   */
  request<T = unknown>(method: FreeRequest['method'], path: string, request: Omit<FreeRequest, 'method' | 'path'> & CallOptions = {}): ApiPromise<T> {
    const { query, body, ...options } = request
    const result = (async () => this.#call(freeOperation({ method, path, body }), { query, body }, options))()
    return apiPromise(result) as ApiPromise<T> // the caller says so
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

/** Sessions that `withOptions()` hands on: a session is nothing to give from outside, and to see on a client. */
const sharedSessions = new WeakMap<LetterlockOptions, Session>()

const world = {
  // oxlint-disable-next-line letterlock/no-ambient-time -- the client is where the clock comes in
  now: Date.now,
  environmentVariable,
}

function effectsOf(fetch: Fetch | undefined): Effects {
  return {
    ...world,
    fetch: (url, init) => (fetch ?? globalThis.fetch)(url, init),
    // oxlint-disable-next-line no-restricted-properties -- jitter, no secret
    random: Math.random,
    sleep,
    newIdempotencyKey: () => `auto_${crypto.randomUUID()}`,
  }
}

function settingsOf(options: RequestSettings) {
  return {
    baseUrl: options.baseUrl,
    timeoutMs: options.timeoutMs ?? 30_000,
    deadlineMs: options.deadlineMs ?? Number.POSITIVE_INFINITY,
    maxRetries: options.maxRetries ?? 2,
    maxRetryAfterMs: options.maxRetryAfterMs ?? 30_000,
    headers: { ...options.headers },
    userAgent: userAgent(),
    middleware: options.middleware ?? [],
  }
}
