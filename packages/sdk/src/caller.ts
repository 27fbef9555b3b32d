/** Makes one call of an operation: settings, key, attempts, waits, answer. */
import { apiErrorOf, type Answer, unexpectedResponse } from './api-error.ts'
import { type ApiKeySource, checkedApiKey } from './api-key.ts'
import { attempt, type Fetch, type WireRequest } from './attempt.ts'
import { apiRoot } from './base-url.ts'
import type { CallOptions } from './call-options.ts'
import { AbortedError, LetterlockError } from './errors.ts'
import type { OperationId } from './operations.generated.ts'
import { readRetryAfterMs, retryDelayMs } from './retry.ts'
import { invalidArgument, type Parts, wireRequest } from './wire-request.ts'
import { withoutKey } from './without-key.ts'

/** Settings of the client. */
export interface Settings {
  readonly apiKey: ApiKeySource | undefined
  readonly baseUrl: string | undefined
  readonly timeoutMs: number
  readonly deadlineMs: number
  readonly maxRetries: number
  readonly maxRetryAfterMs: number
  readonly headers: Readonly<Record<string, string>>
  readonly userAgent: string
}

/** The world outside; tests give their own. */
export interface Effects {
  readonly fetch: Fetch
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** 0 to 1, not 1. */
  readonly random: () => number
  /** Ends early, without an error, when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>
  readonly newIdempotencyKey: () => string
  readonly environmentVariable: (name: string) => string | undefined
}

/** Calls an operation; resolves with the parsed body, undefined where there is none. */
export type Call = (id: OperationId, parts: Parts, options: CallOptions | undefined) => Promise<unknown>

/** The settings, and with them the key, are reachable through the answered function only by calling it. */
export function createCaller(settings: Settings, effects: Effects): Call {
  return async (id, parts, options = {}) => {
    const limits = limitsOf(options, settings)
    const root = apiRoot(settings.baseUrl || effects.environmentVariable('LETTERLOCK_BASE_URL'))
    const apiKey = await findApiKey(settings.apiKey, effects)
    const request = wireRequest(id, parts, {
      root, apiKey,
      options: { ...options, headers: { ...settings.headers, ...options.headers } },
      userAgent: settings.userAgent,
      newIdempotencyKey: effects.newIdempotencyKey,
    })
    return repeat(request, { ...limits, apiKey }, effects)
  }
}

interface Limits {
  readonly timeoutMs: number
  readonly deadlineMs: number
  readonly maxRetries: number
  readonly maxRetryAfterMs: number
  readonly signal: AbortSignal | undefined
}

async function repeat(request: WireRequest, limits: Limits & { apiKey: string }, effects: Effects): Promise<unknown> {
  const { signal, maxRetries, maxRetryAfterMs, apiKey } = limits
  const endsAt = effects.now() + limits.deadlineMs
  for (let attempts = 1; ; attempts++) {
    if (signal?.aborted) throw new AbortedError(signal.reason)
    const timeoutMs = Math.max(1, Math.min(limits.timeoutMs, endsAt - effects.now()))
    const answer = await attempt(request, { timeoutMs, signal }, effects.fetch)
    const now = effects.now()
    const outcome = answer instanceof LetterlockError ? failedBefore(answer) : read(answer, apiKey, now)
    if (outcome.ok) return outcome.body
    const delayMs = retryDelayMs(outcome, {
      attempts, maxRetries, maxRetryAfterMs, remainingMs: endsAt - now, random: effects.random(),
    })
    if (delayMs === null) throw outcome.error
    await effects.sleep(delayMs, signal)
  }
}

type Outcome =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly error: LetterlockError; readonly status: number | null; readonly code: string; readonly retryAfterMs: number | null }

function failedBefore(error: LetterlockError): Outcome {
  return { ok: false, error, status: null, code: error.code, retryAfterMs: null }
}

function read(answer: Answer, apiKey: string, now: number): Outcome {
  const { status, headers } = answer
  if (status === 204) return { ok: true, body: undefined }
  const isSuccess = status >= 200 && status < 300
  const body = isSuccess ? parsed(answer.text) : undefined
  if (body !== undefined) return { ok: true, body }
  const shown = withoutKey(answer, apiKey)
  const retryAfterMs = readRetryAfterMs(headers, now)
  const retryAt = retryAfterMs === null ? undefined : new Date(now + retryAfterMs)
  const error = isSuccess ? unexpectedResponse(shown, retryAt) : apiErrorOf(shown, retryAt)
  return { ok: false, error, status, code: error.code, retryAfterMs }
}

/** Undefined when the text is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function findApiKey(apiKey: ApiKeySource | undefined, effects: Effects): Promise<string> {
  if (typeof apiKey === 'function') return checkedApiKey(await apiKey(), 'the function given as `apiKey`')
  if (apiKey !== undefined) return checkedApiKey(apiKey, 'the option `apiKey`')
  return checkedApiKey(effects.environmentVariable('LETTERLOCK_API_KEY'), 'LETTERLOCK_API_KEY')
}

const longestTimerMs = 2 ** 31 - 1

function limitsOf(options: CallOptions, settings: Settings): Limits {
  const timeoutMs = options.timeoutMs ?? settings.timeoutMs
  const deadlineMs = options.deadlineMs ?? settings.deadlineMs
  const maxRetries = options.maxRetries ?? settings.maxRetries
  if (!(timeoutMs > 0)) throw invalidArgument('timeoutMs must be a number above 0')
  if (!(deadlineMs > 0)) throw invalidArgument('deadlineMs must be a number above 0')
  if (!(Number.isInteger(maxRetries) && maxRetries >= 0 && maxRetries <= 10)) {
    throw invalidArgument('maxRetries must be a whole number of 0 to 10')
  }
  return {
    timeoutMs: Math.min(timeoutMs, longestTimerMs),
    deadlineMs, maxRetries,
    maxRetryAfterMs: settings.maxRetryAfterMs,
    signal: options.signal,
  }
}
