import type { ErrorCode } from './procedure-types.generated.ts'

/** What went wrong without an answer of the management API. */
export type ClientErrorCode =
  | 'missing_root_key'
  | 'malformed_root_key'
  | 'invalid_url'
  | 'in_browser'
  | 'connection_failed'
  | 'timeout'
  | 'aborted'
  | 'unexpected_response'

/** A place of the input that does not fit, as `keys.3.name`. */
export interface Issue {
  readonly path: string
  readonly message: string
}

/** What an `AdminError` is made from. */
export interface AdminErrorFields {
  readonly code: ErrorCode | ClientErrorCode
  readonly message: string
  readonly status?: number | undefined
  readonly requestId?: string | undefined
  readonly issues?: readonly Issue[] | undefined
  readonly retryAfterMs?: number | undefined
  readonly members?: Readonly<Record<string, unknown>> | undefined
  readonly cause?: unknown
}

/** Every error of this package; `code` is stable, messages are not. It never holds the root key, a request or a response. */
export class AdminError extends Error {
  static {
    this.prototype.name = 'AdminError'
  }

  readonly code: ErrorCode | ClientErrorCode
  /** The HTTP status; null when no answer came. */
  readonly status: number | null
  /** `req_…`, also in the audit log; null when the server has said none. */
  readonly requestId: string | null
  /** With `invalid_request`: the places that do not fit. Else empty. */
  readonly issues: readonly Issue[]
  /** Milliseconds after which to try again; null when the server has not said it. */
  readonly retryAfterMs: number | null
  /** With `insufficient_scope`: the scope that the root key lacks, or may not grant. Else null. */
  readonly requiredScope: string | null
  /** All that the refusal says beside these, such as `keyScopes` with `insufficient_scope`. */
  readonly members: Readonly<Record<string, unknown>>

  constructor({ code, message, status, requestId, issues, retryAfterMs, members, cause }: AdminErrorFields) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.status = status ?? null
    this.requestId = requestId ?? null
    this.issues = issues ?? []
    this.retryAfterMs = retryAfterMs ?? null
    this.members = members ?? {}
    this.requiredScope = typeof this.members.requiredScope === 'string' ? this.members.requiredScope : null
  }
}
