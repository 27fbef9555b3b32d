/** An answer together with how it came. */
import type { HeaderReader } from './header-reader.ts'
import type { RateLimitState } from './rate-limits.ts'

/** How an answer came. */
export interface ResponseInfo {
  /** The HTTP status. */
  readonly status: number
  /** Headers by name, whatever their case. */
  readonly headers: HeaderReader
  /** `req_…`: tell it to support. */
  readonly requestId?: string
  /** What is left of the limits, in the server's order. */
  readonly rateLimits: readonly RateLimitState[]
  /** Whether this is the stored answer of an earlier request with the same `Idempotency-Key`. */
  readonly replayed: boolean
  /** How many attempts the call took. */
  readonly attempts: number
}

/** What `withResponse()` answers. */
export interface WithResponse<T> {
  readonly data: T
  readonly response: ResponseInfo
}

/** A promise of JavaScript's own (no subclass: tools that wrap promises know it) with one method more. */
export interface ApiPromise<T> extends Promise<T> {
  /** The answer together with status, request id, limits and headers. */
  withResponse(): Promise<WithResponse<T>>
}

/** An answer whose headers are read when somebody asks how it came. */
export interface Answered<T> {
  readonly data: T
  readonly readResponse: () => ResponseInfo
}

export function apiPromise<T>(result: Promise<Answered<T>>): ApiPromise<T> {
  const promise = result.then(({ data }) => data)
  const withResponse = () => {
    promise.catch(() => {}) // `result` is what the caller looks at: its failure is the one that counts
    return result.then(({ data, readResponse }) => ({ data, response: readResponse() }))
  }
  return Object.defineProperty(promise, 'withResponse', { value: withResponse }) as ApiPromise<T> // just given
}
