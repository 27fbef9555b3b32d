import { type ErrorCode, errorCodes } from '@letterlock/contract'
import { TRPCError } from '@trpc/server'
import type { Failure } from '../http/failure.ts'

/** An expected failure on its way out of a procedure; inside a transaction it rolls back. */
class Refusal extends Error {
  readonly failure: Failure
  constructor(failure: Failure) {
    super(failure.detail)
    this.failure = failure
  }
}

/** Ends a procedure with an expected failure. */
export function refuse(failure: Failure): never {
  throw new TRPCError({ code: trpcCodeOf(failure.failure), message: failure.detail, cause: new Refusal(failure) })
}

/** The failure that an error of tRPC carries; null for errors that nobody expected. */
export function refusalOf(error: TRPCError): Failure | null {
  return error.cause instanceof Refusal ? error.cause.failure : null
}

/** tRPC's name for the status of one of our codes. */
export function trpcCodeOf(code: ErrorCode): TRPCError['code'] {
  return codesByStatus[errorCodes[code].status]
}

const codesByStatus = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_SUPPORTED',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  422: 'UNPROCESSABLE_CONTENT',
  429: 'TOO_MANY_REQUESTS',
  431: 'BAD_REQUEST',
  500: 'INTERNAL_SERVER_ERROR',
  503: 'SERVICE_UNAVAILABLE',
} as const satisfies Record<(typeof errorCodes)[ErrorCode]['status'], TRPCError['code']>
