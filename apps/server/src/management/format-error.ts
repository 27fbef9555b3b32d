import { errorCodes, type ErrorCode, type Issue, type RequestId } from '@letterlock/contract'
import type { TRPCError } from '@trpc/server'
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc'
import { z } from 'zod'
import { databaseFailure } from '../http/database-failure.ts'
import { failure, type Failure, invalid } from '../http/failure.ts'
import { issuesOf } from '../http/parse-request.ts'
import type { ManagementContext } from './context.ts'
import { refusalOf, trpcCodeOf } from './refuse.ts'

/** A failure of the management API on the wire. `message` may change, `data.code` may not. */
export interface ErrorShape {
  readonly message: string
  /** The JSON-RPC number tRPC clients expect. */
  readonly code: (typeof TRPC_ERROR_CODES_BY_KEY)[keyof typeof TRPC_ERROR_CODES_BY_KEY]
  readonly data: {
    readonly code: ErrorCode
    readonly httpStatus: number
    readonly requestId: string
    readonly issues?: readonly Issue[]
    readonly requiredScope?: string
    readonly keyScopes?: readonly string[]
  }
}

/** The one place where errors of procedures become the wire shape; nothing of SQL, stacks or files gets out. */
export function formatError(error: TRPCError, ctx: Pick<ManagementContext, 'requestId' | 'redact'>): ErrorShape {
  const refusal = failureOf(error)
  const issues = refusal.issues?.map(({ path, message }) => ({ path: ctx.redact(path), message: ctx.redact(message) }))
  return shapeOf({ ...refusal, detail: ctx.redact(refusal.detail), ...(issues && { issues }) }, ctx.requestId)
}

/** The wire shape of an expected failure. */
export function shapeOf({ failure: code, detail, issues, members }: Failure, requestId: RequestId): ErrorShape {
  return {
    message: detail,
    code: TRPC_ERROR_CODES_BY_KEY[trpcCodeOf(code)],
    data: { code, httpStatus: errorCodes[code].status, requestId, ...(issues && { issues }), ...members },
  }
}

/** What went wrong, said so that a caller may see it. */
export function failureOf(error: TRPCError): Failure {
  const refusal = refusalOf(error)
  if (refusal) return refusal
  switch (error.code) {
    case 'BAD_REQUEST':
    case 'PARSE_ERROR':
      return error.cause instanceof z.core.$ZodError ? invalid(issuesOf(error.cause)) : notJson
    case 'NOT_FOUND':
      return noSuchProcedure
    case 'METHOD_NOT_SUPPORTED':
      return wrongMethod
    case 'UNSUPPORTED_MEDIA_TYPE':
      return wrongMediaType
    default:
      return databaseFailure(error.cause) ?? internal
  }
}

const notJson = invalid([{ path: '', message: 'the input is not JSON' }])
const noSuchProcedure = failure('not_found', 'There is no such procedure.')
const wrongMethod = failure('method_not_allowed', 'Call queries with GET and mutations with POST.')
const wrongMediaType = failure('unsupported_media_type', 'Send the input as application/json.')
const internal = failure('internal', 'Something broke on our side. Tell us the request id.')
