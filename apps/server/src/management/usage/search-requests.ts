import { idSchema, isId, line, operations, operationsOfPath, type RequestId, timestamp } from '@letterlock/contract'
import { usage } from '@letterlock/db'
import { z } from 'zod'
import { decodeTimeCursor, encodeTimeCursor, toPage } from '../../http/cursor.ts'
import { invalid } from '../../http/failure.ts'
import type { ManagementDeps } from '../context.ts'
import { pageInput, pageOutput } from '../page.ts'
import { procedureFor } from '../procedure.ts'
import { readInTime } from '../read-in-time.ts'
import { refuse } from '../refuse.ts'
import { outcomeName } from './outcome-status.ts'
import { dayMs, type Span, spanInput, spanOf } from './span.ts'
import { environmentOf, usageScope } from './usage-scope.ts'
import { usedOperation } from './used-operation.ts'

const input = z.strictObject({
  ...pageInput,
  ...usageScope,
  ...spanInput,
  keyId: idSchema('key').optional(),
  status: z.number().int().min(100).max(599).optional(),
  operation: usedOperation.optional(),
  outcome: outcomeName.optional(),
  /** A path or its template: finds all requests to its operations, with any method and any parameters. */
  path: line(500).optional(),
  requestId: idSchema('request').optional(),
})

const request = z.strictObject({
  requestId: idSchema('request'),
  at: timestamp,
  keyId: idSchema('key'),
  /** Null: not known. */
  secretVersion: z.number().int().nullable(),
  operation: z.string(),
  /** The template of the path; null for what is no operation of the product API. */
  path: z.string().nullable(),
  method: z.string().nullable(),
  status: z.number().int(),
  outcome: z.string(),
  durationMs: z.number(),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
})

/** Requests as they were, newest first. */
export function searchRequests({ db, clock }: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('usageRecords:read')
    .input(input)
    .output(pageOutput(request))
    .query(async ({ input: { workspaceId, mode, limit, cursor, path, operation, keyId, status, outcome, requestId, ...given } }) => {
      const span = searchSpan(given, clock(), requestId)
      const filters = { keyId, status, outcome, requestId, operations: operationsOf(path, operation) }
      const before = beforeOf(cursor)
      const environmentId = await environmentOf(db, { workspaceId, mode })
      const rows = await readInTime(db, (tx) => usage.listRequests(tx, environmentId, { ...span, ...filters, before, limit }))
      return toPage(rows, limit, { cursorOf: (row) => encodeTimeCursor({ at: row.at, id: row.request_id }), answer: toRequest })
    })
}

/** The last 24 hours unless asked otherwise; a request that is named is found whenever it was, for its id tells the time. */
function searchSpan(given: Parameters<typeof spanOf>[0], now: Date, requestId: RequestId | undefined): Span {
  const to = new Date(now.getTime() + 1) // what was recorded in this millisecond, too
  if (requestId !== undefined) return spanOf(given, { from: new Date(0), to, mostDays: Infinity })
  const end = given.to === undefined ? to : new Date(given.to)
  return spanOf(given, { from: new Date(end.getTime() - dayMs), to, mostDays: 31 })
}

function operationsOf(path: string | undefined, operation: z.output<typeof usedOperation> | undefined): readonly string[] | undefined {
  if (path === undefined) return operation && [operation]
  const found = operationsOfPath(path)
  if (found.length === 0) refuse(invalid([{ path: 'path', message: 'expected a path of the product API, such as /v1/contacts/{idOrEmail}' }]))
  return operation === undefined ? found : found.filter((id) => id === operation)
}

function beforeOf(cursor: string | undefined): usage.RequestSearch['before'] {
  if (cursor === undefined) return undefined
  const position = decodeTimeCursor(cursor)
  if (!position || !isId('request', position.id)) return refuse(invalid([{ path: 'cursor', message: 'not a cursor of this list' }]))
  return { at: position.at, requestId: position.id }
}

function toRequest(row: usage.RequestRow): z.input<typeof request> {
  const operation = Object.hasOwn(operations, row.operation) ? operations[row.operation as keyof typeof operations] : null // of the table by the check
  return {
    requestId: row.request_id,
    at: row.at.toISOString(),
    keyId: row.key_id,
    secretVersion: row.secret_version,
    operation: row.operation,
    path: operation && `/v1${operation.path}`,
    method: operation && operation.method,
    status: row.status,
    outcome: row.outcome,
    durationMs: row.duration_us / 1_000,
    ip: row.ip,
    userAgent: row.user_agent,
  }
}
