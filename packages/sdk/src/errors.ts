/** Every error of this package. None of them holds the API key, a Request, a Response or headers. */
import type { ErrorCode } from './operations.generated.ts'

/** What went wrong before a request was made, or without an answer. */
export type ClientErrorCode =
  | 'missing_api_key'
  | 'malformed_api_key'
  | 'unreadable_api_key_file'
  | 'insecure_api_key_file'
  | 'api_key_unavailable'
  | 'missing_base_url'
  | 'invalid_base_url'
  | 'invalid_argument'
  | 'in_browser'
  | 'missing_scopes'
  | 'auth_paused'
  | 'invalid_webhook_signature'
  | 'stale_webhook'
  | 'malformed_webhook'
  | 'malformed_webhook_secret'
  | 'connection_failed'
  | 'timeout'
  | 'aborted'

// Registered, so that two copies of this package recognise each other's errors.
const brand = Symbol.for('letterlock.error')

/** The base of all errors; `code` is stable, messages are not. Works with `instanceof` across copies of the package. */
export class LetterlockError extends Error {
  static {
    this.prototype.name = 'LetterlockError'
  }

  readonly code: ClientErrorCode | ErrorCode | 'unexpected_response'

  constructor(code: LetterlockError['code'], message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }

  /** The names of the classes that this error is of. */
  get [brand](): readonly string[] {
    return ['LetterlockError']
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // A subclass made elsewhere is not branded: JavaScript's own rule holds for it.
    if (!ownClasses.has(this)) return Function.prototype[Symbol.hasInstance].call(this, value)
    const names = (value as { [brand]?: readonly string[] } | null | undefined)?.[brand]
    return Array.isArray(names) && names.includes(this.prototype.name)
  }
}

/** What an `ApiError` is made from. */
export interface ApiErrorFields {
  readonly status: number
  readonly code: ErrorCode | 'unexpected_response'
  readonly detail: string
  readonly requestId?: string | undefined
  readonly issues?: readonly { readonly path: string; readonly message: string }[] | undefined
  readonly retryAt?: Date | undefined
  readonly requiredScope?: string | undefined
  readonly keyScopes?: readonly string[] | undefined
  readonly meter?: string | undefined
  readonly limit?: number | undefined
  readonly resetsAt?: string | undefined
  readonly existing?: unknown
}

/** The server answered with a failure (RFC 9457), or with something that is no answer of Letterlock. */
export class ApiError extends LetterlockError {
  static {
    this.prototype.name = 'ApiError'
  }

  /** The HTTP status. */
  declare readonly status: number
  /** The stable code, such as `insufficient_scope`; `unexpected_response` when a proxy or another server answered. */
  declare readonly code: ErrorCode | 'unexpected_response'
  /** The server's text for people. */
  declare readonly detail: string
  /** `req_…`: tell it to support. */
  declare readonly requestId?: string
  /** The places of the request that do not fit, as `contacts.3.email`. */
  declare readonly issues?: readonly { readonly path: string; readonly message: string }[]
  /** When to try again, where the server said so. */
  declare readonly retryAt?: Date
  /** With `insufficient_scope`: the scope that is missing. */
  declare readonly requiredScope?: string
  /** With `insufficient_scope`: the scopes that the key has. */
  declare readonly keyScopes?: readonly string[]
  /** With `quota_exceeded`: the meter, such as `emails.sent`. */
  declare readonly meter?: string
  /** With `quota_exceeded`: how much the plan allows. */
  declare readonly limit?: number
  /** With `quota_exceeded`: when the period ends, RFC 3339. */
  declare readonly resetsAt?: string
  /** With `already_exists`: what exists. */
  declare readonly existing?: unknown

  constructor(fields: ApiErrorFields) {
    super(fields.code, messageOf(fields))
    for (const [name, value] of Object.entries(fields)) {
      if (value !== undefined) Object.defineProperty(this, name, { value, enumerable: true })
    }
  }

  override get [brand]() {
    return ['LetterlockError', 'ApiError']
  }
}

/** The server refused this key so often that the client does not send it for a while; another key is sent at once. */
export class AuthPausedError extends LetterlockError {
  static {
    this.prototype.name = 'AuthPausedError'
  }

  /** When the key is tried again. */
  readonly retryAt: Date

  constructor(retryAt: Date) {
    super('auth_paused', `The server refused this API key again and again; it is not sent before ${retryAt.toISOString()}.`)
    this.retryAt = retryAt
  }

  override get [brand]() {
    return ['LetterlockError', 'AuthPausedError']
  }
}

/** No answer came: the host is unknown, the connection was refused or broke. */
export class ConnectionError extends LetterlockError {
  static {
    this.prototype.name = 'ConnectionError'
  }

  constructor(message: string) {
    super('connection_failed', message)
  }

  override get [brand]() {
    return ['LetterlockError', 'ConnectionError']
  }
}

/** No answer came in time. */
export class TimeoutError extends LetterlockError {
  static {
    this.prototype.name = 'TimeoutError'
  }

  constructor(message: string) {
    super('timeout', message)
  }

  override get [brand]() {
    return ['LetterlockError', 'TimeoutError']
  }
}

/** The caller's signal stopped the call; `cause` is the signal's reason. */
export class AbortedError extends LetterlockError {
  static {
    this.prototype.name = 'AbortedError'
  }

  constructor(reason: unknown) {
    super('aborted', 'The call was aborted by its signal.', { cause: reason })
  }

  override get [brand]() {
    return ['LetterlockError', 'AbortedError']
  }
}

const ownClasses = new Set<unknown>([LetterlockError, ApiError, AuthPausedError, ConnectionError, TimeoutError, AbortedError])

function messageOf({ status, code, detail, requestId, issues = [] }: ApiErrorFields): string {
  const places = issues.slice(0, 3).map((issue) => `${issue.path || '(request)'}: ${issue.message}`)
  const more = issues.length > 3 ? [`and ${issues.length - 3} more`] : []
  const list = places.length > 0 ? ` [${[...places, ...more].join('; ')}]` : ''
  return `${status} ${code}: ${detail}${list}${requestId ? ` (${requestId})` : ''}`
}
