/** The door for Hono. */
import type { Context, MiddlewareHandler } from 'hono'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KeyRecord } from '../index.ts'
import { type Admission, createGate, type DoorOptions, type Knock } from './gate.ts'

export type { DoorOptions, KeyUse } from './gate.ts'

/** The context variable behind the door. */
export interface KeyVariables {
  /** The key that opened the door. */
  readonly key: KeyRecord
}

/**
 * Lets requests with a valid key through, and answers all others with problem details. The handlers behind it find
 * the key in `c.var.key`. Once per route: every pass takes from the rate limits.
 * @example
 * const app = new Hono<{ Variables: KeyVariables }>()
 * app.use('/v1/*', requireKey({ verify: verifier.verify, scope: 'contacts:read', clock: () => new Date() }))
 * app.get('/v1/contacts', (c) => c.json({ workspace: c.var.key.workspaceId }))
 */
export function requireKey(options: DoorOptions<Context>): MiddlewareHandler<{ Variables: KeyVariables }> {
  const gate = createGate(options)
  return (c, next) => {
    const node = nodeOf(c)
    const ip = options.ip ? options.ip(c) : (node?.incoming.socket.remoteAddress ?? null)
    const report = gate.startUse?.()
    const admission = gate.knock(node ? knockOf(node.incoming) : webKnockOf(c.req.raw), c, ip)
    return admission instanceof Promise ? admission.then(enter) : enter(admission)

    function enter(admission: Admission): Promise<Response | void> {
      const { refused, key, headers } = admission
      if (refused) {
        report?.(admission, ip, refused.status)
        return Promise.resolve(new Response(refused.body, { status: refused.status, headers }))
      }
      c.set('key', key as KeyRecord) // nobody enters without
      setHeaders(c, node, headers)
      const answered = next()
      return report ? answered.then(() => report(admission, ip, c.res.status)) : answered
    }
  }
}

/** What the Node adapter of Hono gives. */
interface Node {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

/** Undefined on other runtimes and under `app.request()`. */
function nodeOf(c: Context): Node | undefined {
  const env = c.env as Partial<Node> | undefined // whatever the adapter gives
  return env?.incoming?.socket && typeof env.outgoing?.setHeader === 'function' ? (env as Node) : undefined
}

function knockOf({ url, headers }: IncomingMessage): Knock {
  return {
    url: url ?? '',
    authorization: headers.authorization,
    minRevision: headers['letterlock-min-revision'] as string | undefined, // a list of set-cookie alone
  }
}

function webKnockOf({ url, headers }: Request): Knock {
  return { url, authorization: headers.get('authorization'), minRevision: headers.get('letterlock-min-revision') }
}

// straight to Node: one c.header() makes the adapter leave its fast path, which costs 7 µs a request
function setHeaders(c: Context, node: Node | undefined, headers: Record<string, string>) {
  for (const name in headers) {
    const value = headers[name] as string // its own key
    if (node) node.outgoing.setHeader(name, value)
    else c.header(name, value)
  }
}
