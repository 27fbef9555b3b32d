import { type ErrorCode, errorCodes, type RequestId } from '@letterlock/contract'
import type { Failure } from './failure.ts'

/** The one place where failures of the HTTP listeners become wire shapes: RFC 9457 problem+json. */
export function problemResponse(
  failure: Failure,
  requestId: RequestId,
  { headers = {}, redact = (text) => text }: { headers?: Record<string, string>; redact?: (text: string) => string } = {},
): Response {
  const { status } = errorCodes[failure.failure]
  return new Response(redact(JSON.stringify(problemBody(failure, requestId))), {
    status,
    headers: {
      ...headers,
      'content-type': 'application/problem+json',
      'x-request-id': requestId,
      'cache-control': 'no-store',
      ...(status === 401 && { 'www-authenticate': challenge(failure.failure) }),
      ...(failure.failure === 'insufficient_scope' && { 'www-authenticate': challenge(failure.failure, failure.members?.['requiredScope']) }),
      ...retryAfter(failure, status),
    },
  })
}

/** The body of a failure, also used for the items of a batch. */
export function problemBody(failure: Failure, requestId?: RequestId) {
  const { status, title } = errorCodes[failure.failure]
  return {
    type: `https://letterlock.dev/errors/${failure.failure}`,
    title,
    status,
    detail: failure.detail,
    code: failure.failure,
    ...(requestId && { requestId }),
    ...(failure.issues && { issues: failure.issues }),
    ...failure.members,
  }
}

// RFC 6750 §3.1: no error code when no credential was sent
function challenge(code: ErrorCode, scope?: unknown): string {
  if (code === 'missing_key') return 'Bearer realm="letterlock"'
  if (code === 'insufficient_scope') return `Bearer realm="letterlock", error="insufficient_scope", scope="${String(scope)}"`
  return 'Bearer realm="letterlock", error="invalid_token"'
}

function retryAfter(failure: Failure, status: number): Record<string, string> {
  if (failure.retryAfterSeconds !== undefined) return { 'retry-after': String(failure.retryAfterSeconds) }
  return status === 503 ? { 'retry-after': '1' } : {}
}
