import { newId, type Operation, type OperationId, operations, type RequestId } from '@letterlock/contract'
import type { Db } from '@letterlock/db'
import type { KeyFormat } from '@letterlock/keys'
import { type Context, Hono, type Next } from 'hono'
import type { Log } from '../log.ts'
import type { Use } from '../jobs/usage-recorder.ts'
import { answerResponse, wrongMethod } from './answer.ts'
import type { Authenticate, Authenticated } from './authenticate.ts'
import { isReadableByPage, keyOfPage, preflight, readable } from './cors.ts'
import { databaseFailure } from './database-failure.ts'
import { errorRoom, internal } from './error-room.ts'
import { type Executed, execute } from './execute.ts'
import { type Failure, isFailure } from './failure.ts'
import type { Call, Handlers } from './handler.ts'
import { badIdempotencyKey, isIdempotencyKey } from './idempotency-key.ts'
import { parseRequest } from './parse-request.ts'
import { peerOf } from './peer-of.ts'
import { problemResponse } from './problem.ts'
import { parseJson, readText } from './read-json.ts'
import type { RefuseExposed } from './refuse-exposed.ts'
import type { WriteTurns } from './write-turns.ts'

export interface ProductAppDeps {
  readonly db: Db
  readonly handlers: Handlers
  readonly writeTurns: WriteTurns
  /** Waits until this node has seen a revision of the control plane. */
  readonly settle: (revision: number) => Promise<void>
  readonly authenticate: Authenticate
  /** A right that was proven longer ago is proven again before the work begins. */
  readonly maxStalenessMs: number
  readonly refuseExposed: RefuseExposed
  /** Flags a key as exposed, if it is a real one; must not wait. */
  readonly reportExposed: (key: string) => void
  readonly keyFormat: Pick<KeyFormat, 'parse' | 'prefix'>
  readonly clientIp: (peer: string, forwardedFor: string | null) => string
  /** Called after each answer; must not throw or wait. */
  readonly recordUse: (use: Use) => void
  /** Cuts keys out of what a refusal repeats of the request, such as the name of an unknown field. */
  readonly redact: (text: string) => string
  readonly clock: () => Date
  readonly log: Log
}

/** The product API: one route per row of the operation table, and the rooms that each request passes. */
export function productApp(deps: ProductAppDeps): Hono {
  const app = new Hono({ strict: true })
  app.use('*', async (c, next) => {
    const refusal = deps.refuseExposed(c.req.url)
    if (refusal) return problemResponse(refusal, newId('request'))
    await next()
  })
  app.use('/v1/*', (c, next) => answerPage(deps, c, next))
  const methodsOf = new Map<string, string[]>()
  for (const [id, row] of Object.entries<Operation>(operations)) {
    const path = `/v1${row.path.replaceAll(/\{(\w+)\}/g, ':$1')}`
    methodsOf.set(path, [...(methodsOf.get(path) ?? []), row.method])
    app.on(row.method, path, (c) => serve(deps, c, id as OperationId)) // a key of the table
  }
  for (const [path, methods] of methodsOf) app.all(path, () => wrongMethod(methods))
  return errorRoom(app, deps)
}

/** What browsers are told: they may use access tokens. A key that a page sent is exposed, whatever becomes of the request. */
async function answerPage({ keyFormat, reportExposed }: ProductAppDeps, c: Context, next: Next): Promise<Response | void> {
  if (c.req.header('origin') === undefined) return next()
  if (c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined) return preflight()
  const authorization = c.req.header('authorization')
  const key = keyOfPage(authorization, keyFormat)
  if (key !== null) reportExposed(key)
  await next()
  if (!isReadableByPage(authorization, keyFormat)) return
  for (const [name, value] of Object.entries(readable)) c.res.headers.set(name, value)
}

/** One request on its way through the rooms. */
interface Passing {
  readonly operationId: OperationId
  /** By the monotonic clock. */
  readonly startedAt: number
  readonly requestId: RequestId
  readonly ip: string
  readonly now: Date
  /** Null before the authentication room. */
  authenticated: Authenticated | null
}

async function serve(deps: ProductAppDeps, c: Context, operationId: OperationId): Promise<Response> {
  const startedAt = performance.now()
  const ip = deps.clientIp(peerOf(c), c.req.header('x-forwarded-for') ?? null)
  const passing: Passing = { operationId, startedAt, requestId: newId('request'), ip, now: deps.clock(), authenticated: null }
  const { requestId } = passing
  let outcome = 'internal'
  let status = 500
  const refuse = (refusal: Failure) => {
    const response = problemResponse(refusal, requestId, { headers: passing.authenticated?.headers ?? {}, redact: deps.redact })
    outcome = refusal.failure
    status = response.status
    return response
  }
  try {
    const result = await pass(deps, c, passing)
    if (isFailure(result)) return refuse(result)
    outcome = 'ok'
    status = result.status
    return answerResponse(result, requestId, passing.authenticated?.headers ?? {})
  } catch (error) {
    deps.log.error({ err: error, requestId, operationId }, 'a request failed')
    return refuse(databaseFailure(error) ?? internal)
  } finally {
    const { principal = null, secretVersion = null, claimedKeyId = null } = passing.authenticated ?? {}
    const durationMs = performance.now() - startedAt
    const userAgent = c.req.header('user-agent') ?? null
    deps.recordUse({ requestId, principal, secretVersion, claimedKeyId, operationId, outcome, status, now: passing.now, durationMs, ip, userAgent })
  }
}

/** The rooms, in order: authenticate, body and schemas, idempotency, handler. */
async function pass(deps: ProductAppDeps, c: Context, passing: Passing): Promise<Executed | Failure> {
  const { operationId, requestId, ip, now } = passing
  const row: Operation = operations[operationId]
  const credentials = { authorization: c.req.header('authorization'), minRevision: c.req.header('letterlock-min-revision') }
  const asked = { ...credentials, ip, scope: row.scope, now }
  const authenticating = deps.authenticate(asked)
  const authenticated = authenticating instanceof Promise ? await authenticating : authenticating
  passing.authenticated = authenticated
  const { refused, principal } = authenticated
  if (refused && refused.failure !== 'missing_key') return refused
  const body = row.method === 'GET' ? { text: '' } : await readText(c.req.raw)
  const exposed = 'failure' in body ? null : deps.refuseExposed(body.text)
  if (exposed) return exposed
  if (refused || !principal) return refused ?? internal
  if ('failure' in body) return body
  const raw = parseJson(body.text, c.req.header('content-type') ?? null)
  if ('failure' in raw) return raw
  const { search } = new URL(c.req.url)
  const parsed = parseRequest(row, { params: c.req.param(), search, json: raw.json })
  if ('failure' in parsed) return parsed
  const idempotencyKey = row.method === 'POST' ? c.req.header('idempotency-key') : undefined
  if (idempotencyKey !== undefined && !isIdempotencyKey(idempotencyKey)) return badIdempotencyKey
  const call = { principal, requestId, ip, now, ...parsed, operationId, idempotencyKey }
  return execute(deps, call as Call<OperationId> & typeof call, recheck) // parsed by the schemas of this operation

  /** A body may come slowly and a write wait for its turn; whose key was revoked meanwhile does nothing more. */
  async function recheck(): Promise<Failure | null> {
    if (performance.now() - passing.startedAt <= deps.maxStalenessMs) return null
    const { refused, headers } = await deps.authenticate({ ...asked, cost: 0, now: deps.clock() })
    if (refused) passing.authenticated = { ...authenticated, refused, headers }
    return refused
  }
}
