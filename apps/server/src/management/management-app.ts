import { newId, type RequestId } from '@letterlock/contract'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { failure, type Failure } from '../http/failure.ts'
import type { Log } from '../log.ts'
import { auditExport } from './audit/audit-export.ts'
import { authorize, type AuthorizeDeps } from './authorize.ts'
import { serveBatch, splitBatch } from './batch.ts'
import type { ManagementContext, ManagementDeps } from './context.ts'
import { failureOf, shapeOf } from './format-error.ts'
import { createManagementRouter } from './router.ts'

export interface ManagementAppDeps extends ManagementDeps, AuthorizeDeps {
  readonly clientIp: (peer: string, forwardedFor: string | null) => string
  /** Waits until this node has seen a revision of the control plane. */
  readonly settle: (revision: number) => Promise<void>
  readonly log: Log
}

/** The management API: tRPC below `/trpc`, plain JSON, single calls and batches; `/audit/export` beside it. */
export function managementApp(deps: ManagementAppDeps): Hono {
  const router = createManagementRouter(deps)
  const app = new Hono()
  app.use('/trpc/*', async (c, next) => {
    await next()
    c.res.headers.set('cache-control', 'no-store') // answers hold new secrets
  })
  app.use('/trpc/*', bodyLimit({ maxSize: 1_048_576, onError: () => refused(tooLarge, newId('request')) }))
  app.all('/trpc/*', async (c) => {
    const serve = (call: Request) => serveCall(call, contextOf(deps, c, newId('request')))
    if (c.req.query('batch') === undefined) return serve(c.req.raw)
    const { method, url } = c.req
    const calls = splitBatch({ method, url, contentType: c.req.header('content-type'), body: method === 'POST' ? await c.req.text() : '' })
    return 'failure' in calls ? refused(calls, newId('request')) : serveBatch(calls, serve)
  })
  app.route('/', auditExport({ ...deps, contextOf: (c, requestId) => contextOf(deps, c, requestId) }))
  return app

  async function serveCall(call: Request, context: ManagementContext): Promise<Response> {
    const { requestId } = context
    const response = await fetchRequestHandler({
      endpoint: '/trpc',
      req: call,
      router,
      allowBatching: false, // what comes here is one call, with one request id
      createContext: () => context,
      responseMeta: ({ errors }) => ({ headers: headersOf(errors[0] ? failureOf(errors[0]) : null) }),
      onError: ({ error, path }) => {
        if (failureOf(error).failure === 'internal') deps.log.error({ err: error.cause ?? error, requestId, procedure: path }, 'a procedure failed')
      },
    })
    response.headers.set('x-request-id', requestId)
    return response
  }
}

function contextOf(deps: ManagementAppDeps, c: Context, requestId: RequestId): ManagementContext {
  const { pathname, search } = new URL(c.req.url)
  const ip = deps.clientIp(peerOf(c), c.req.header('x-forwarded-for') ?? null)
  const credentials = { authorization: c.req.header('authorization'), url: pathname + search, ip, userAgent: c.req.header('user-agent') ?? null, requestId }
  return { requestId, ip, redact: deps.keyFormat.redactKeys, settle: deps.settle, authorize: (wanted) => authorize(deps, credentials, wanted) }
}

function headersOf(refusal: Failure | null): Record<string, string> {
  if (!refusal) return {}
  const { retryAfterSeconds = refusal.failure === 'unavailable' ? 1 : undefined } = refusal
  return {
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    ...(shapeOf(refusal, newId('request')).data.httpStatus === 401 && { 'www-authenticate': 'Bearer realm="letterlock"' }),
  }
}

function refused(refusal: Failure, requestId: RequestId): Response {
  const error = shapeOf(refusal, requestId)
  return Response.json({ error }, { status: error.data.httpStatus, headers: { 'x-request-id': requestId } })
}

/** Node's socket address; absent under `app.request()`, where no socket is. */
function peerOf(c: Context): string {
  const env = c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined // set by the Node adapter
  return env?.incoming?.socket?.remoteAddress ?? '127.0.0.1'
}

const tooLarge = failure('payload_too_large', 'The body is larger than 1 MiB.')
