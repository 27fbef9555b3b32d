/** The door for Fastify 5. */
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import type { KeyRecord } from '../index.ts'
import { type Admission, createGate, type DoorOptions } from './gate.ts'
import { noteKey } from './key-of.ts'

export type { DoorOptions, KeyUse } from './gate.ts'
export { keyOf } from './key-of.ts'

/** A hook for `onRequest` (before the body is read) or `preHandler`. */
export type KeyHook = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void

/**
 * Lets requests with a valid key through, and answers all others with problem details. The handlers behind it find
 * the key by `keyOf(request)`. Once per route: every pass takes from the rate limits.
 * @example
 * const onRequest = requireKey({ verify: verifier.verify, scope: 'contacts:read', clock: () => new Date() })
 * app.get('/v1/contacts', { onRequest }, async (request) => ({ workspace: keyOf(request).workspaceId }))
 */
export function requireKey(options: DoorOptions<FastifyRequest>): KeyHook {
  const gate = createGate(options)
  return (request, reply, done) => {
    const ip = options.ip ? options.ip(request) : (request.socket.remoteAddress ?? null)
    const knock = {
      url: request.originalUrl,
      authorization: request.headers.authorization,
      minRevision: request.headers['letterlock-min-revision'] as string | undefined, // a list of set-cookie alone
    }
    const admission = gate.knock(knock, request, ip)
    if (admission instanceof Promise) admission.then(enter).catch(done)
    else enter(admission)

    function enter(admission: Admission): void {
      const { refused, key, headers } = admission
      if (gate.tell) reply.raw.once('close', () => gate.tell?.(admission, ip, reply.raw.statusCode))
      for (const name in headers) reply.header(name, headers[name])
      if (refused) {
        reply.code(refused.status).send(Buffer.from(refused.body)) // text would get a charset, which this type has not
        return
      }
      noteKey(request, key as KeyRecord) // nobody enters without
      done()
    }
  }
}
