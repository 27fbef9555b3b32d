/** Makes one call of an operation: settings, key, attempts, waits, answer. */
import type { Answered } from './api-promise.ts'
import { attempt, type AttemptLimits, type Fetch, type WireRequest } from './attempt.ts'
import { apiRoot } from './base-url.ts'
import { lastAnswer } from './last-answer.ts'
import { bounded } from './bounded.ts'
import { type CallLimits, callLimits } from './call-limits.ts'
import type { CallOptions } from './call-options.ts'
import { AbortedError, AuthPausedError, TimeoutError } from './errors.ts'
import { shownHeaders } from './log.ts'
import type { AttemptContext, Middleware } from './middleware.ts'
import { type Outcome, outcomeOf, responseInfo } from './outcome.ts'
import { retryDelayMs } from './retry.ts'
import type { Session, SessionEffects } from './session.ts'
import { type Parts, type WireOperation, wireRequest } from './wire-request.ts'

/** Settings of the client. */
export interface Settings extends Omit<CallLimits, 'signal'> {
  readonly baseUrl: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly userAgent: string
  readonly middleware: readonly Middleware[]
}

/** The world outside; tests give their own. */
export interface Effects extends SessionEffects {
  readonly fetch: Fetch
  /** 0 to 1, not 1. */
  readonly random: () => number
  /** Ends early, without an error, when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>
  readonly newIdempotencyKey: () => string
}

/** Calls an operation; `data` is the parsed body, undefined where there is none. */
export type Call = (operation: WireOperation, parts: Parts, options: CallOptions | undefined) => Promise<Answered<unknown>>

/** Settings and session, and with them the key, are reachable through the answered function only by calling it. */
export function createCaller(settings: Settings, session: Session, effects: Effects): Call {
  const rootOf = lastAnswer(apiRoot)
  return async (operation, parts, options = {}) => {
    const limits = callLimits(options, settings)
    const request = wireRequest(operation, parts, {
      root: rootOf(settings.baseUrl || effects.environmentVariable('LETTERLOCK_BASE_URL')),
      options: { ...options, headers: { ...settings.headers, ...options.headers } },
      userAgent: settings.userAgent,
      newIdempotencyKey: effects.newIdempotencyKey,
    })
    return repeat({ operation, request, limits, middleware: settings.middleware, session, effects, endsAt: effects.now() + limits.deadlineMs })
  }
}

interface Job {
  readonly operation: WireOperation
  readonly request: WireRequest
  readonly limits: CallLimits
  readonly middleware: readonly Middleware[]
  readonly session: Session
  readonly effects: Effects
  /** When the call is over, whatever its state. */
  readonly endsAt: number
}

async function repeat(job: Job): Promise<Answered<unknown>> {
  const { limits: { signal, maxRetries, maxRetryAfterMs }, session, effects, endsAt } = job
  for (let attempts = 1, switches = 0; ; attempts++) {
    await keepPace(job)
    const { outcome, apiKey } = await attemptOnce(job, attempts)
    if (outcome.ok) return { data: outcome.body, readResponse: () => responseInfo(outcome.status, outcome.headers, attempts) }
    if (isKeyOver(outcome) && switches < session.keys.size && await switchKey(job, apiKey, outcome.code)) {
      switches += 1
      continue
    }
    if (outcome.status === 401 && session.breaker.learn(apiKey, 401, effects.now())) {
      session.log('warn', () => 'the server refuses the API key again and again: it is not sent for a while')
    }
    const delayMs = retryDelayMs(outcome, {
      attempts: attempts - switches, maxRetries, maxRetryAfterMs, remainingMs: endsAt - effects.now(), random: effects.random(),
    })
    if (delayMs === null) throw outcome.error
    if (!session.budget.take()) {
      session.log('info', () => `${job.operation.id}: not tried again, too many calls of this client fail`)
      throw outcome.error
    }
    session.log('info', () => `${job.operation.id}: ${outcome.code}, tried again in ${delayMs} ms`)
    await effects.sleep(delayMs, signal)
  }
}

/** Waits for the slot of this attempt. A wait that the call cannot afford is not begun: the server then says what it thinks. */
async function keepPace({ limits: { signal, maxRetryAfterMs }, session: { pacer, log }, effects: { now, sleep }, endsAt }: Job) {
  const waitMs = Math.ceil(pacer.take(now()))
  if (waitMs <= 0 || waitMs > maxRetryAfterMs || now() + waitMs >= endsAt) return
  log('debug', () => `waits ${waitMs} ms to stay within the limits`)
  await sleep(waitMs, signal)
}

async function attemptOnce(job: Job, attempts: number): Promise<{ readonly outcome: Outcome; readonly apiKey: string }> {
  const { operation, request, limits, middleware, session, effects: { fetch, now }, endsAt } = job
  const { signal } = limits
  const startedAt = now()
  const bounds = { timeoutMs: Math.max(1, Math.min(limits.timeoutMs, endsAt - startedAt)), signal }
  const held = session.keys.current()
  const apiKey = typeof held === 'string' ? held : await findKey(() => held, bounds)
  const pausedUntil = session.breaker.pausedUntil(apiKey, startedAt)
  if (pausedUntil !== null) throw new AuthPausedError(new Date(pausedUntil))
  const context: AttemptContext = { operation: operation.id, pathTemplate: operation.template, scope: operation.scope, attempt: attempts }
  const answer = await attempt(request, bounds, { fetch, middleware, apiKey, context })
  const endedAt = now()
  const outcome = outcomeOf(answer, apiKey, endedAt)
  if (outcome.ok) session.budget.refill()
  if (outcome.headers) session.pacer.learn(outcome.headers, endedAt)
  if (outcome.headers && outcome.status !== 401) {
    session.watch.learn(apiKey, outcome.headers, endedAt)
    session.breaker.learn(apiKey, outcome.status, endedAt)
  }
  session.log('debug', () => lineOf({ operation, request, outcome, attempts, tookMs: endedAt - startedAt }))
  return { outcome, apiKey }
}

/** The time of the key is over, and it was proven: another key of the same holder is right now. */
function isKeyOver({ status, code }: Outcome & { readonly ok: false }): boolean {
  return status === 401 && (code === 'expired_key' || code === 'revoked_key' || code === 'retired_secret')
}

function switchKey({ session, limits, effects, endsAt }: Job, apiKey: string, code: string): Promise<boolean> {
  const timeoutMs = Math.max(1, Math.min(limits.timeoutMs, endsAt - effects.now()))
  return findKey(() => session.keys.replace(apiKey, code), { timeoutMs, signal: limits.signal })
}

/** Finding a key may be slow: a program's own function may do it. */
async function findKey<T>(find: () => Promise<T>, bounds: AttemptLimits): Promise<T> {
  const found = await bounded(async () => [await find()] as const, bounds)
  if (found === 'aborted') throw new AbortedError(bounds.signal?.reason)
  if (found === 'late') throw new TimeoutError(`The API key was not found within ${bounds.timeoutMs} ms.`)
  return found[0]
}

function lineOf({ operation, request, outcome, attempts, tookMs }: {
  readonly operation: WireOperation
  readonly request: WireRequest
  readonly outcome: Outcome
  readonly attempts: number
  readonly tookMs: number
}): string {
  const result = outcome.ok ? outcome.status : `${outcome.status ?? 'no answer'} ${outcome.code}`
  const requestId = outcome.headers?.get('x-request-id') ?? 'no request id'
  return `${operation.id}: ${operation.method} ${operation.template} → ${result} in ${tookMs} ms (attempt ${attempts}, ${requestId}; ${shownHeaders(request.headers)})`
}
