import { newId, type RequestId } from '@letterlock/contract'
import { failure } from './failure.ts'
import { problemResponse } from './problem.ts'

/** A successful answer; the body is JSON text already, null where there is none. */
export interface Answered {
  readonly status: number
  readonly json: string | null
  /** It is the stored answer of an Idempotency-Key. */
  readonly replayed: boolean
}

/** A successful answer as it goes over the wire. */
export function answerResponse(answered: Answered, requestId: RequestId, headers: Record<string, string>): Response {
  return new Response(answered.json, {
    status: answered.status,
    headers: {
      ...headers,
      'x-request-id': requestId,
      'cache-control': 'no-store',
      ...(answered.json !== null && { 'content-type': 'application/json' }),
      ...(answered.replayed && { 'idempotency-replayed': 'true' }),
    },
  })
}

/** The 405 of a path that answers other methods. */
export function wrongMethod(methods: readonly string[]): Response {
  const detail = `This path answers ${methods.join(', ')}.`
  return problemResponse(failure('method_not_allowed', detail), newId('request'), { headers: { allow: methods.join(', ') } })
}
