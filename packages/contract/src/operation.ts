import { z } from 'zod'
import { line } from './bounded-text.ts'
import type { ErrorCode } from './error-codes.ts'
import type { ProductScope } from './scopes.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One row of the operation table: all that server, OpenAPI document, SDK and tests need to know. */
export interface Operation {
  readonly method: Method
  /** Below `/v1`, parameters in braces: `/contacts/{idOrEmail}`. */
  readonly path: string
  /** The scope a key needs; null: every key may. */
  readonly scope: ProductScope | null
  readonly summary: string
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** Successful answers by status; null: no body. */
  readonly answers: { readonly [status: number]: z.ZodType | null }
  /** Codes of failure beyond those that every operation can answer. */
  readonly errors: readonly ErrorCode[]
}

/** Keeps the literal types of a row. */
export function operation<const O extends Operation>(row: O): O {
  return row
}

/** Query of a list: `limit` 1 to 100 (default 20) and the opaque `cursor` of the page before. */
export const pageQuery = {
  limit: z.preprocess(fromDigits, z.number().int().min(1).max(100)).default(20),
  cursor: line(500).optional(),
}

// a query carries text; Number() alone would take 0x10, 1e1 and blanks as well
function fromDigits(limit: number): unknown {
  return typeof limit === 'string' && /^\d{1,3}$/.test(limit) ? Number(limit) : limit
}

/** The answer of every list. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), hasMore: z.boolean(), nextCursor: z.string().nullable() })
}

/** Codes that any authenticated operation can answer. */
export const commonErrors = [
  'missing_key', 'invalid_key', 'expired_key', 'revoked_key', 'disabled_key', 'retired_secret', 'key_in_url',
  'insufficient_scope', 'ip_not_allowed', 'workspace_suspended', 'key_quarantined',
  'rate_limited', 'not_fresh', 'unavailable', 'invalid_request', 'internal',
] as const satisfies readonly ErrorCode[]

/** Codes that any operation with a body can answer as well. */
export const bodyErrors = ['payload_too_large', 'unsupported_media_type'] as const satisfies readonly ErrorCode[]
