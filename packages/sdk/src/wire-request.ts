/** Builds the request of an operation. */
import type { WireRequest } from './attempt.ts'
import type { CallOptions } from './call-options.ts'
import { LetterlockError } from './errors.ts'

/** What the caller gave, by the names of the operation table. */
export interface Parts {
  readonly params?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>> | undefined
  readonly body?: unknown
}

export interface Sender {
  readonly options: CallOptions
  readonly root: string
  readonly userAgent: string
  readonly newIdempotencyKey: () => string
}

/** How an operation goes over the wire. */
export interface WireOperation {
  /** Such as `contacts.create`. */
  readonly id: string
  readonly method: string
  /** Below `/v1`, parameters in braces: `/contacts/{idOrEmail}`. */
  readonly path: string
  /** The path without what may name somebody, for logs and traces. */
  readonly template: string
  readonly sendsBody: boolean
  /** Null: any key may; undefined: not known. */
  readonly scope: string | null | undefined
}

/** The request, still without the key. @throws LetterlockError `invalid_argument` */
export function wireRequest({ method, path, sendsBody }: WireOperation, parts: Parts, sender: Sender): WireRequest {
  const { options } = sender
  const query = queryText(parts.query ?? {})
  const { authorization: _, 'idempotency-key': __, ...given } = normalized(options.headers ?? {})
  return {
    method,
    url: `${sender.root}${fill(path, parts.params ?? {})}${query && `?${query}`}`,
    headers: {
      'user-agent': sender.userAgent,
      ...given,
      accept: 'application/json',
      ...(sendsBody && { 'content-type': 'application/json' }),
      ...(method === 'POST' && { 'idempotency-key': idempotencyKey(options.idempotencyKey ?? sender.newIdempotencyKey()) }),
    },
    body: sendsBody ? JSON.stringify(parts.body ?? {}) : null,
  }
}

function fill(path: string, params: Readonly<Record<string, unknown>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name]
    // A URL drops `.` and `..`, encoded or not; an empty one would name the collection.
    if (typeof value !== 'string' || value === '' || value === '.' || value === '..' || !value.isWellFormed()) {
      throw invalidArgument(`${name} must be a text that is not empty`)
    }
    return encodeURIComponent(value)
  })
}

function queryText(query: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null)
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
}

/** Names in lower case, values as HTTP allows them. */
function normalized(given: Readonly<Record<string, string>>): Record<string, string> {
  const headers = new Headers()
  for (const [name, value] of Object.entries(given)) {
    try {
      headers.set(name, value)
    } catch {
      throw invalidArgument(`the header ${JSON.stringify(name.slice(0, 80))} has a name or value that HTTP does not allow`)
    }
  }
  return Object.fromEntries(headers)
}

function idempotencyKey(key: string): string {
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key
  throw invalidArgument('idempotencyKey must be 1 to 255 visible ASCII characters')
}

export function invalidArgument(what: string): LetterlockError {
  return new LetterlockError('invalid_argument', `${what}.`)
}
