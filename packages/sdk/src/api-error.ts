import { ApiError, type ApiErrorFields } from './errors.ts'
import type { HeaderReader } from './header-reader.ts'

/** The part of an answer that matters for a failure. */
export interface Answer {
  readonly status: number
  readonly headers: HeaderReader
  readonly text: string
}

/** Reads problem details; anything else (a proxy's HTML, an empty body) becomes `unexpected_response`. */
export function apiErrorOf(answer: Answer, retryAt: Date | undefined): ApiError {
  const problem = jsonObject(answer.text)
  if (!problem || typeof problem.code !== 'string') return unexpectedResponse(answer, retryAt)
  const resetsAt = text(problem.resetsAt)
  return new ApiError({
    status: answer.status,
    code: problem.code,
    detail: text(problem.detail) ?? text(problem.title) ?? 'no details',
    requestId: text(problem.requestId) ?? requestIdOf(answer),
    issues: issues(problem.issues),
    retryAt: retryAt ?? date(resetsAt),
    requiredScope: text(problem.requiredScope),
    keyScopes: Array.isArray(problem.keyScopes) ? problem.keyScopes.filter((s) => typeof s === 'string') : undefined,
    meter: text(problem.meter),
    limit: typeof problem.limit === 'number' ? problem.limit : undefined,
    resetsAt,
    existing: problem.existing,
  })
}

/** Something between us and the server answered, or it is another server. */
export function unexpectedResponse(answer: Answer, retryAt?: Date): ApiError {
  const start = answer.text.slice(0, 120).replaceAll(/\s+/g, ' ').trim()
  const shown = `${answer.headers.get('content-type') ?? 'no content type'}${start ? `: ${start}` : ', empty'}`
  return new ApiError({
    status: answer.status,
    code: 'unexpected_response',
    detail: `this is no answer of a Letterlock API (${shown}); is the base URL right?`,
    requestId: requestIdOf(answer),
    retryAt,
  })
}

function requestIdOf(answer: Answer): string | undefined {
  return answer.headers.get('x-request-id') ?? undefined
}

function jsonObject(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function date(value: string | undefined): Date | undefined {
  const at = new Date(value ?? Number.NaN)
  return Number.isNaN(at.getTime()) ? undefined : at
}

function issues(value: unknown): ApiErrorFields['issues'] {
  if (!Array.isArray(value)) return undefined
  return value.flatMap((issue: unknown) => {
    const { path, message } = (issue ?? {}) as { path?: unknown; message?: unknown }
    return typeof message === 'string' ? [{ path: text(path) ?? '', message }] : []
  })
}
