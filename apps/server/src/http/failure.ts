import type { ErrorCode, Issue } from '@letterlock/contract'

/** An expected failure of an operation, as data. One room turns it into problem+json. */
export interface Failure {
  readonly failure: ErrorCode
  /** One sentence for the caller: what happened and what to do. Never an id, a secret or SQL. */
  readonly detail: string
  readonly issues?: readonly Issue[]
  /** Further members of the problem body, such as `existing` or `meter`. */
  readonly members?: Readonly<Record<string, unknown>>
  readonly retryAfterSeconds?: number
}

export function failure(code: ErrorCode, detail: string, more: Omit<Failure, 'failure' | 'detail'> = {}): Failure {
  return { failure: code, detail, ...more }
}

/** The 404 of every operation: the same bytes for what never was and for what belongs to another environment. */
export const notFound: Failure = { failure: 'not_found', detail: 'Nothing of that id or address is visible to this key.' }

/** A 400 that names the places. */
export function invalid(issues: readonly Issue[]): Failure {
  const places = issues.slice(0, 3).map((issue) => issue.path || 'body').join(', ')
  return { failure: 'invalid_request', detail: `The request does not fit its schema: ${places}.`, issues }
}

export function isFailure(value: object): value is Failure {
  return 'failure' in value
}
