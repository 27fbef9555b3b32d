import { errorCodes, type RequestId } from '@letterlock/contract'
import { challengeOf } from '@letterlock/verifier'
import type { Failure } from './failure.ts'

/** The one place where failures of the HTTP listeners become wire shapes: RFC 9457 problem+json. */
export function problemResponse(
  failure: Failure,
  requestId: RequestId,
  { headers = {}, redact = (text) => text }: { headers?: Record<string, string>; redact?: (text: string) => string } = {},
): Response {
  const { status } = errorCodes[failure.failure]
  const challenge = challengeOf(failure.failure, failure.members?.['requiredScope'])
  return new Response(redact(JSON.stringify(problemBody(failure, requestId))), {
    status,
    headers: {
      ...headers,
      'content-type': 'application/problem+json',
      'x-request-id': requestId,
      'cache-control': 'no-store',
      ...(challenge !== null && { 'www-authenticate': challenge }),
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

function retryAfter(failure: Failure, status: number): Record<string, string> {
  if (failure.retryAfterSeconds !== undefined) return { 'retry-after': String(failure.retryAfterSeconds) }
  return status === 503 ? { 'retry-after': '1' } : {}
}
