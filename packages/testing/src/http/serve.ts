import { newId, type Operation, type OperationId, operations, type RequestId } from '@letterlock/contract'
import {
  type Answered, answerResponse, type Authenticate, type Authenticated, badIdempotencyKey, failure, type Failure, idempotencyMismatch, isFailure,
  isIdempotencyKey, notFound, parseJson, parseRequest, problemResponse, readText, type RefuseExposed, requestHash, wrongMethod,
} from '@letterlock/server/product-rooms'
import { meterPeriod } from '@letterlock/db/meter-period'
import { ConnectionCut, type Fault, type FaultList } from '../faults.ts'
import type { MemoryCall, MemoryHandler } from '../memory-handler.ts'
import type { MemoryEnvironment } from '../memory/environment.ts'
import { countRequest } from '../memory/meters.ts'
import { handlers } from '../operations/handlers.ts'
import { matchOperation } from './match-operation.ts'

export interface ServeDeps extends Pick<MemoryCall<OperationId>, 'revokeKey' | 'emit'> {
  readonly authenticate: Authenticate
  readonly refuseExposed: RefuseExposed
  readonly environmentOf: (mode: 'live' | 'test') => MemoryEnvironment
  readonly faults: FaultList
  readonly redact: (text: string) => string
  readonly clock: () => Date
  readonly record: (request: ServedRequest) => void
}

/** A request that came, and how it was answered. */
export interface ServedRequest {
  /** Null for a path that no operation has. */
  readonly operation: OperationId | null
  readonly method: string
  readonly path: string
  /** Without the key. */
  readonly headers: Headers
  /** `ok`, an error code, or the fault that cut it off. */
  readonly outcome: string
  /** Null when no answer was given. */
  readonly status: number | null
  /** Which key was proven, and which of its secrets. */
  readonly keyId: string | null
  readonly secretVersion: number | null
  readonly at: Date
}

/**
 * Answers a request of the product API as the server does: the same rooms in the same order.
 * @throws ConnectionCut when a fault says that there is no answer
 */
export async function serve(deps: ServeDeps, request: Request, ip: string): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  const matched = matchOperation(request.method, pathname)
  const operation = matched && 'id' in matched ? matched.id : null
  const requestId = newId('request')
  const passing: Passing = { authenticated: null, now: deps.clock() }
  const fault = deps.faults.meet(operation)
  const { response, outcome } = await end()
  note(outcome, response?.status ?? null)
  if (!response) throw fault?.kind === 'no_answer' ? await deps.faults.untilCleared() : new ConnectionCut()
  response.headers.set('date', passing.now.toUTCString())
  return response

  async function end(): Promise<Ended> {
    if (!fault) return answer()
    if (fault.afterwards) await answer()
    return failed(deps, fault, requestId)
  }

  function note(outcome: string, status: number | null): void {
    const { principal = null, secretVersion = null } = passing.authenticated ?? {}
    if (principal && status !== null && isServed(status)) countRequest(deps.environmentOf(principal.mode), passing.now)
    const headers = new Headers(request.headers)
    headers.delete('authorization')
    deps.record({
      operation, method: request.method, path: deps.redact(pathname + search), headers, outcome, status,
      keyId: principal?.keyId ?? null, secretVersion, at: passing.now,
    })
  }

  async function answer(): Promise<Ended> {
    const exposed = deps.refuseExposed(request.url)
    if (exposed) return refused(exposed, requestId, deps)
    if (!matched) return refused({ ...notFound, detail: 'There is no such path.' }, requestId, deps)
    if ('methods' in matched) return { response: wrongMethod(matched.methods), outcome: 'method_not_allowed' }
    const result = await pass(deps, request, { ...matched, search, ip, passing })
    const headers = passing.authenticated?.headers ?? {}
    if (isFailure(result)) return refused(result, requestId, { ...deps, headers })
    return { response: answerResponse(result, requestId, headers), outcome: 'ok' }
  }
}

/** A request counts when it was served: not refused, not stopped by a limit, not failed by the server. */
function isServed(status: number): boolean {
  return ![401, 403, 429].includes(status) && status < 500
}

/** How a request ended; without a response the connection does. */
interface Ended {
  readonly response?: Response
  readonly outcome: string
}

/** A request on its way through the rooms. */
interface Passing {
  authenticated: Authenticated | null
  readonly now: Date
}

type Route = { readonly id: OperationId; readonly params: Record<string, string>; readonly search: string; readonly ip: string; readonly passing: Passing }

/** The rooms, in order: authenticate, body and schemas, idempotency, handler. */
async function pass(deps: ServeDeps, request: Request, { id, params, search, ip, passing }: Route): Promise<Answered | Failure> {
  const row: Operation = operations[id]
  const { headers } = request
  const credentials = { authorization: headers.get('authorization') ?? undefined, minRevision: headers.get('letterlock-min-revision') ?? undefined }
  const authenticated = await deps.authenticate({ ...credentials, ip, scope: row.scope, now: passing.now })
  passing.authenticated = authenticated
  const { refused, principal } = authenticated
  if (refused && refused.failure !== 'missing_key') return refused
  const body = row.method === 'GET' ? { text: '' } : await readText(request)
  const exposed = 'failure' in body ? null : deps.refuseExposed(body.text)
  if (exposed) return exposed
  if (refused || !principal) return refused ?? failure('internal', 'a key that is not refused is proven')
  if ('failure' in body) return body
  const raw = parseJson(body.text, headers.get('content-type'))
  if ('failure' in raw) return raw
  const parsed = parseRequest(row, { params, search, json: raw.json })
  if ('failure' in parsed) return parsed
  const key = row.method === 'POST' ? headers.get('idempotency-key') : null
  if (key !== null && !isIdempotencyKey(key)) return badIdempotencyKey
  const environment = deps.environmentOf(principal.mode)
  const call = { environment, principal, ip, now: passing.now, ...parsed, emit: deps.emit, revokeKey: deps.revokeKey }
  return executeOnce(id, call as MemoryCall<OperationId>, key) // parsed by the schemas of this operation
}

/** How long an answer is kept: 24 hours. */
const keptForMs = 24 * 60 * 60 * 1000

function executeOnce(id: OperationId, call: MemoryCall<OperationId>, key: string | null): Answered | Failure {
  const { idempotentAnswers } = call.environment
  const hash = requestHash(id, call)
  const stored = key === null ? undefined : idempotentAnswers.get(`${id} ${key}`)
  if (stored && call.now.getTime() - stored.at.getTime() < keptForMs) {
    if (!hash.equals(stored.requestHash)) return idempotencyMismatch
    return { status: stored.status, json: stored.json, replayed: true }
  }
  const answer = (handlers[id] as MemoryHandler<OperationId>)(call) // the table pairs id and handler
  if (isFailure(answer)) return answer
  const { status, body } = answer
  const json = body === null ? null : JSON.stringify(body)
  if (key !== null) idempotentAnswers.set(`${id} ${key}`, { requestHash: hash, status, json, at: call.now })
  return { status, json, replayed: false }
}

function refused(
  refusal: Failure, requestId: RequestId, { headers = {}, redact }: { headers?: Record<string, string>; redact: (text: string) => string },
): Ended {
  return { response: problemResponse(refusal, requestId, { headers, redact }), outcome: refusal.failure }
}

/** What a request gets that meets a fault: an answer, or none. */
function failed(deps: ServeDeps, { kind, retryAfterSeconds }: Fault, requestId: RequestId): Ended {
  if (kind === 'connection_reset' || kind === 'no_answer') return { outcome: kind }
  const members = kind === 'quota_exceeded' ? { meter: 'emails.sent', limit: 0, resetsAt: meterPeriod('emails.sent', deps.clock()).resetsAt?.toISOString() } : {}
  return refused(failure(kind, 'This failure was asked for by a test.', { members, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }), requestId, deps)
}
