import { newId, type Operation, type OperationId, operations, type RequestId } from '@letterlock/contract'
import type { Db } from '@letterlock/db'
import { type Context, Hono } from 'hono'
import type { Log } from '../log.ts'
import type { Authenticate } from './authenticate.ts'
import { databaseFailure } from './database-failure.ts'
import { errorRoom, internal } from './error-room.ts'
import { type Executed, execute } from './execute.ts'
import { failure, type Failure, invalid, isFailure } from './failure.ts'
import type { Call, Handlers } from './handler.ts'
import { parseRequest } from './parse-request.ts'
import { peerOf } from './peer-of.ts'
import type { Principal } from './principal.ts'
import { problemResponse } from './problem.ts'
import { parseJson, readText } from './read-json.ts'
import type { RefuseExposed } from './refuse-exposed.ts'
import type { WriteTurns } from './write-turns.ts'

export interface ProductAppDeps {
  readonly db: Db
  readonly handlers: Handlers
  readonly writeTurns: WriteTurns
  readonly authenticate: Authenticate
  readonly refuseExposed: RefuseExposed
  readonly clientIp: (peer: string, forwardedFor: string | null) => string
  /** Called after each answer; must not throw or wait. */
  readonly recordUse: (use: { principal: Principal | null; operationId: OperationId; outcome: string; now: Date; seconds: number }) => void
  /** Cuts keys out of what a refusal repeats of the request, such as the name of an unknown field. */
  readonly redact: (text: string) => string
  readonly clock: () => Date
  readonly log: Log
}

/** The product API: one route per row of the operation table, and the rooms that each request passes. */
export function productApp(deps: ProductAppDeps): Hono {
  const app = new Hono({ strict: true })
  app.use('*', async (c, next) => {
    const refusal = await deps.refuseExposed(c.req.url)
    if (refusal) return problemResponse(refusal, newId('request'))
    await next()
  })
  const methodsOf = new Map<string, string[]>()
  for (const [id, row] of Object.entries<Operation>(operations)) {
    const path = `/v1${row.path.replaceAll(/\{(\w+)\}/g, ':$1')}`
    methodsOf.set(path, [...(methodsOf.get(path) ?? []), row.method])
    app.on(row.method, path, (c) => serve(deps, c, id as OperationId)) // a key of the table
  }
  for (const [path, methods] of methodsOf) app.all(path, () => wrongMethod(methods))
  return errorRoom(app, deps)
}

async function serve(deps: ProductAppDeps, c: Context, operationId: OperationId): Promise<Response> {
  const requestId = newId('request')
  const now = deps.clock()
  const startedAt = performance.now()
  const state: { principal: Principal | null; headers: Record<string, string> } = { principal: null, headers: {} }
  let outcome = 'internal'
  const refuse = (refusal: Failure) => problemResponse(refusal, requestId, { headers: state.headers, redact: deps.redact })
  try {
    const result = await pass(deps, c, { operationId, requestId, now, state })
    outcome = isFailure(result) ? result.failure : 'ok'
    return isFailure(result) ? refuse(result) : answer(result, requestId, state.headers)
  } catch (error) {
    const refusal = databaseFailure(error) ?? internal
    outcome = refusal.failure
    deps.log.error({ err: error, requestId, operationId }, 'a request failed')
    return refuse(refusal)
  } finally {
    const seconds = (performance.now() - startedAt) / 1_000
    deps.recordUse({ principal: state.principal, operationId, outcome, now, seconds })
  }
}

/** The rooms, in order: authenticate, body and schemas, idempotency, handler. */
async function pass(
  deps: ProductAppDeps,
  c: Context,
  request: {
    operationId: OperationId
    requestId: RequestId
    now: Date
    state: { principal: Principal | null; headers: Record<string, string> }
  },
): Promise<Executed | Failure> {
  const { operationId, requestId, now, state } = request
  const row: Operation = operations[operationId]
  const ip = deps.clientIp(peerOf(c), c.req.header('x-forwarded-for') ?? null)
  const authorization = c.req.header('authorization')
  const authenticated = await deps.authenticate({ authorization, ip, scope: row.scope, now })
  state.headers = authenticated.headers
  state.principal = authenticated.principal
  if ('refused' in authenticated && authenticated.refused.failure !== 'missing_key') return authenticated.refused
  const body = row.method === 'GET' ? { text: '' } : await readText(c.req.raw)
  const exposed = 'failure' in body ? null : await deps.refuseExposed(body.text)
  if (exposed) return exposed
  if ('refused' in authenticated) return authenticated.refused
  if ('failure' in body) return body
  const raw = parseJson(body.text, c.req.header('content-type') ?? null)
  if ('failure' in raw) return raw
  const { search } = new URL(c.req.url)
  const parsed = parseRequest(row, { params: c.req.param(), search, json: raw.json })
  if ('failure' in parsed) return parsed
  const idempotencyKey = row.method === 'POST' ? c.req.header('idempotency-key') : undefined
  if (idempotencyKey !== undefined && !/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) return badIdempotencyKey
  const call = { principal: authenticated.principal, requestId, ip, now, ...parsed, operationId, idempotencyKey }
  return execute(deps, call as Call<OperationId> & typeof call) // parsed by the schemas of this operation
}

function answer(executed: Executed, requestId: RequestId, headers: Record<string, string>): Response {
  return new Response(executed.json, {
    status: executed.status,
    headers: {
      ...headers,
      'x-request-id': requestId,
      'cache-control': 'no-store',
      ...(executed.json !== null && { 'content-type': 'application/json' }),
      ...(executed.replayed && { 'idempotency-replayed': 'true' }),
    },
  })
}

function wrongMethod(methods: readonly string[]) {
  const detail = `This path answers ${methods.join(', ')}.`
  return problemResponse(failure('method_not_allowed', detail), newId('request'), { headers: { allow: methods.join(', ') } })
}

const badIdempotencyKey = invalid([{ path: 'Idempotency-Key', message: 'expected 1 to 255 visible ASCII characters' }])
