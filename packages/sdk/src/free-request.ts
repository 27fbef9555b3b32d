/** A request that no method is made for. */
import { invalidArgument, type WireOperation } from './wire-request.ts'

/** What `client.request()` takes. */
export interface FreeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/v1`, such as `/segments/preview`; values in it are encoded already. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined
  /** Sent as JSON; absent on POST, PUT and PATCH: `{}`. */
  readonly body?: unknown
}

/** @throws LetterlockError `invalid_argument` for a path that is none, or that leaves `/v1` */
export function freeOperation({ method, path, body }: FreeRequest): WireOperation {
  const steps = path.split('/').map((step) => step.replaceAll(/%2e/gi, '.'))
  if (!/^\/[!$&-;=@-Z_a-z~%[\]]+$/.test(path) || steps.includes('.') || steps.includes('..') || path.startsWith('//')) {
    throw invalidArgument('path must begin with one slash, be URL-encoded, and have no query, no `.` and no `..`')
  }
  const template = path.replace(/^(\/[^/]*)\/.*$/, '$1/…')
  return { id: `${method} ${template}`, method, path, template, sendsBody: body !== undefined || method.startsWith('P'), scope: undefined }
}
