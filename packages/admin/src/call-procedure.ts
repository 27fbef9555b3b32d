/** Makes one call of a procedure: request, attempts, waits, answer. */
import { AdminError } from './admin-error.ts'
import type { CallOptions } from './call-options.ts'
import { exchange, type Fetch, type WireRequest } from './exchange.ts'
import { type Answer, readAnswer } from './read-answer.ts'
import { sleep } from './sleep.ts'

export interface CallerSettings {
  /** Where procedures are, without a slash at the end. */
  readonly url: string
  readonly rootKey: string
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  readonly fetch: Fetch
}

export interface Procedure {
  /** `keys.create` */
  readonly name: string
  readonly type: 'query' | 'mutation'
}

/** How often a query is repeated, and the longest wait that the server may ask for. */
const maxRetries = 2
const longestWaitMs = 10_000
const firstWaitMs = 200

/**
 * The output of the procedure; throws an AdminError otherwise. A query is repeated when no connection came about and
 * when the server asks to come back; a mutation never is: it may have happened.
 */
export async function callProcedure(settings: CallerSettings, procedure: Procedure, { input, options = {} }: { input: unknown; options?: CallOptions | undefined }) {
  const signals = [settings.signal, options.signal].filter((signal) => signal !== undefined)
  const bounds = { timeoutMs: options.timeoutMs ?? settings.timeoutMs, signals }
  const request = wireRequest(settings, procedure, input ?? {})
  for (let attempt = 1; ; attempt++) {
    const answer = await exchange(request, bounds, settings.fetch)
    const outcome = answer instanceof AdminError ? answer : readAnswer(withoutKey(answer, settings.rootKey))
    if (!(outcome instanceof AdminError)) return outcome.output
    const waitMs = procedure.type === 'query' && attempt <= maxRetries ? waitBeforeRetry(outcome, attempt) : null
    if (waitMs === null) throw outcome
    await sleep(waitMs, AbortSignal.any(signals))
  }
}

function wireRequest({ url, rootKey }: CallerSettings, { name, type }: Procedure, input: unknown): WireRequest {
  const body = JSON.stringify(input)
  const headers = { authorization: `Bearer ${rootKey}`, accept: 'application/json' }
  if (type === 'query') return { procedure: name, url: `${url}/${name}?input=${encodeURIComponent(body)}`, init: { method: 'GET', headers } }
  return { procedure: name, url: `${url}/${name}`, init: { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body } }
}

/** Milliseconds; null when it would not help. */
function waitBeforeRetry({ code, status, retryAfterMs }: AdminError, attempt: number): number | null {
  if (code === 'connection_failed') return firstWaitMs * 2 ** (attempt - 1)
  const isAskedBack = (status === 503 || status === 429) && retryAfterMs !== null && retryAfterMs <= longestWaitMs
  return isAskedBack ? retryAfterMs : null
}

/** The answer with every echo of the key replaced, so that none can get into an error. */
function withoutKey({ status, headers, text }: Answer, rootKey: string): Answer {
  const clean = (value: string) => value.replaceAll(rootKey, '[root key]')
  return { status, headers: { get: (name) => clean(headers.get(name) ?? '') || null }, text: clean(plain(text)) }
}

/** JSON written anew: `\u006c` is a way to write a letter of the key. */
function plain(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    return text
  }
}
