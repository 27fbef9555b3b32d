/** The door for Express 4 and 5, and for whatever else calls `(request, response, next)` of Node. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KeyRecord } from '../index.ts'
import { type Admission, createGate, type DoorOptions } from './gate.ts'
import { noteKey } from './key-of.ts'

export type { DoorOptions, KeyUse } from './gate.ts'
export { keyOf } from './key-of.ts'

/** Middleware as Express, Connect and their kin call it. */
export type Middleware<Request> = (request: Request, response: ServerResponse, next: (error?: unknown) => void) => void

/**
 * Lets requests with a valid key through, and answers all others with problem details. The handlers behind it find
 * the key by `keyOf(request)`. Once per route: every pass takes from the rate limits.
 * @example
 * app.use('/v1', requireKey({ verify: verifier.verify, scope: 'contacts:read', clock: () => new Date() }))
 * app.get('/v1/contacts', (request, response) => response.json({ workspace: keyOf(request).workspaceId }))
 */
export function requireKey<Request extends IncomingMessage = IncomingMessage>(options: DoorOptions<Request>): Middleware<Request> {
  const gate = createGate(options)
  return (request, response, next) => {
    const ip = options.ip ? options.ip(request) : (request.socket.remoteAddress ?? null)
    const { url, originalUrl = url } = request as { url?: string; originalUrl?: string } // what Express mounted away is in the original
    const knock = {
      url: originalUrl ?? '',
      authorization: request.headers.authorization,
      minRevision: request.headers['letterlock-min-revision'] as string | undefined, // a list of set-cookie alone
    }
    const admission = gate.knock(knock, request, ip)
    if (admission instanceof Promise) admission.then(enter).catch(next)
    else enter(admission)

    function enter(admission: Admission): void {
      const { refused, key, headers } = admission
      if (gate.tell) response.once('close', () => gate.tell?.(admission, ip, response.statusCode))
      for (const name in headers) response.setHeader(name, headers[name] as string) // its own key
      if (refused) {
        response.statusCode = refused.status
        response.end(refused.body)
        return
      }
      noteKey(request, key as KeyRecord) // nobody enters without
      next()
    }
  }
}
