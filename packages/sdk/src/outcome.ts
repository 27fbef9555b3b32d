/** What became of one attempt. */
import { type Answer, apiErrorOf, unexpectedResponse } from './api-error.ts'
import { LetterlockError } from './errors.ts'
import type { HeaderReader } from './header-reader.ts'
import { readRateLimits } from './rate-limits.ts'
import { readRetryAfterMs } from './retry.ts'
import type { ResponseInfo } from './api-promise.ts'
import { headersWithoutKey, withoutKey } from './without-key.ts'

/** `headers` have no echo of the key in them; null when no answer came. */
export type Outcome =
  | { readonly ok: true; readonly status: number; readonly body: unknown; readonly headers: HeaderReader }
  | Failed & { readonly status: number; readonly headers: HeaderReader }
  | Failed & { readonly status: null; readonly headers: null }

interface Failed {
  readonly ok: false
  readonly error: LetterlockError
  readonly code: string
  readonly retryAfterMs: number | null
}

export function outcomeOf(answer: Answer | LetterlockError, apiKey: string, now: number): Outcome {
  if (answer instanceof LetterlockError) {
    return { ok: false, error: answer, status: null, code: answer.code, retryAfterMs: null, headers: null }
  }
  const { status } = answer
  const isSuccess = status >= 200 && status < 300
  const body = isSuccess && status !== 204 ? parsed(answer.text) : undefined
  const headers = headersWithoutKey(answer.headers, apiKey)
  if (status === 204 || body !== undefined) return { ok: true, status, body, headers }
  const shown = withoutKey(answer, apiKey)
  const retryAfterMs = readRetryAfterMs(headers, now)
  const retryAt = retryAfterMs === null ? undefined : new Date(now + retryAfterMs)
  const error = isSuccess ? unexpectedResponse(shown, retryAt) : apiErrorOf(shown, retryAt)
  return { ok: false, error, status, code: error.code, retryAfterMs, headers }
}

export function responseInfo(status: number, headers: HeaderReader, attempts: number): ResponseInfo {
  const requestId = headers.get('x-request-id')
  return {
    status, headers, attempts,
    ...(requestId !== null && { requestId }),
    rateLimits: readRateLimits(headers),
    replayed: headers.get('idempotency-replayed') === 'true',
  }
}

/** Undefined when the text is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
