/** Reads what the management API answers; pure. */
import { AdminError, type Issue } from './admin-error.ts'
import type { ErrorCode } from './procedure-types.generated.ts'

/** The part of a response that is looked at. */
export interface Answer {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly text: string
}

const shownLength = 120

/** The output of the procedure; or the refusal, or `unexpected_response` when a proxy or another server answered. */
export function readAnswer({ status, headers, text }: Answer): { readonly output: unknown } | AdminError {
  const body = parsed(text)
  const result = member(body, 'result')
  if (status >= 200 && status < 300 && isObject(result) && 'data' in result) return { output: result.data }
  const error = member(body, 'error')
  const { code, httpStatus: _, requestId, issues, ...members } = objectOr(member(error, 'data'))
  const retryAfterMs = readRetryAfterMs(headers.get('retry-after'))
  if (typeof code !== 'string') return unexpected({ status, headers, text }, retryAfterMs)
  return new AdminError({
    code: code as ErrorCode, // a server that is newer than this package may have more
    message: `${status} ${code}: ${String(member(error, 'message') ?? 'no details')}${shown(issuesOf(issues))}`,
    status,
    requestId: typeof requestId === 'string' ? requestId : undefined,
    issues: issuesOf(issues),
    retryAfterMs,
    members,
  })
}

function unexpected({ status, headers, text }: Answer, retryAfterMs: number | undefined): AdminError {
  const start = text.slice(0, shownLength).replaceAll(/\s+/g, ' ').trim()
  const seen = `${status}, ${headers.get('content-type') ?? 'no content type'}${start ? `: ${start}` : ', empty'}`
  const message = `This is no answer of a management API (${seen}); is the URL right?`
  return new AdminError({ code: 'unexpected_response', message, status, requestId: headers.get('x-request-id') ?? undefined, retryAfterMs })
}

/** Whole seconds, as the server sends them. */
function readRetryAfterMs(text: string | null): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : undefined
}

function issuesOf(value: unknown): readonly Issue[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((issue: unknown) => {
    const { path, message } = objectOr(issue)
    return typeof path === 'string' && typeof message === 'string' ? [{ path, message }] : []
  })
}

function shown(issues: readonly Issue[]): string {
  const places = issues.slice(0, 3).map(({ path, message }) => `${path || '(input)'}: ${message}`)
  const more = issues.length > 3 ? [`and ${issues.length - 3} more`] : []
  return places.length > 0 ? ` [${[...places, ...more].join('; ')}]` : ''
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function member(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined
}

function objectOr(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {}
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
