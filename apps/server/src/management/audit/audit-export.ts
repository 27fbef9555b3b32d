import { idSchema, newId, type RequestId } from '@letterlock/contract'
import type { Db } from '@letterlock/db'
import { TRPCError } from '@trpc/server'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { failure, type Failure, invalid } from '../../http/failure.ts'
import { issuesOf } from '../../http/parse-request.ts'
import { problemResponse } from '../../http/problem.ts'
import type { Log } from '../../log.ts'
import type { ManagementContext } from '../context.ts'
import { failureOf } from '../format-error.ts'
import { refuse } from '../refuse.ts'
import { chainOf } from './chain-of.ts'
import { exportLines } from './export-lines.ts'

const query = z.strictObject({
  /** Absent: the log of the installation itself. */
  workspaceId: idSchema('workspace').nullable().default(null),
  /** The number of the last row that the caller has. */
  after: z.string().regex(/^\d{1,15}$/, 'expected a number').transform(Number).default(0),
})

export interface AuditExportDeps {
  readonly db: Db
  readonly log: Log
  readonly contextOf: (c: Context, requestId: RequestId) => ManagementContext
}

/** `GET /audit/export`: the audit log of a workspace as JSON Lines, in the order of its chain. Needs `audit:read`. */
export function auditExport({ db, log, contextOf }: AuditExportDeps): Hono {
  const app = new Hono()
  app.get('/audit/export', async (c) => {
    const requestId = newId('request')
    const context = contextOf(c, requestId)
    try {
      await context.authorize({ scope: 'audit:read', procedure: 'audit.export' })
      const parsed = query.safeParse(queryOf(c))
      if (!parsed.success) refuse(invalid(issuesOf(parsed.error)))
      const { workspaceId, after } = parsed.data
      const chain = await chainOf(db, workspaceId)
      const headers = { 'content-type': 'application/jsonl; charset=utf-8', 'cache-control': 'no-store', 'x-request-id': requestId }
      return new Response(exportLines(db, chain, after), { headers })
    } catch (error) {
      return refused(error, { requestId, context, log })
    }
  })
  app.all('/audit/export', () => problemResponse(wrongMethod, newId('request'), { headers: { allow: 'GET' } }))
  return app
}

function refused(error: unknown, { requestId, context, log }: { requestId: RequestId; context: ManagementContext; log: Log }): Response {
  const refusal: Failure = failureOf(error instanceof TRPCError ? error : new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: error }))
  if (refusal.failure === 'internal') log.error({ err: error, requestId }, 'an export failed')
  return problemResponse(refusal, requestId, { redact: context.redact })
}

/** A parameter that is given twice is a list, which the schema does not take. */
function queryOf(c: Context): Record<string, unknown> {
  return Object.fromEntries(Object.entries(c.req.queries()).map(([name, values]) => [name, values.length === 1 ? values[0] : values]))
}

const wrongMethod = failure('method_not_allowed', 'This path answers GET.')
