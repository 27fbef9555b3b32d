/** The door for Hono. */
import type { Context, Handler, MiddlewareHandler } from 'hono'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KeyRecord } from '../index.ts'
import { atHead } from './at-head.ts'
import { type Admission, createGate, type DoorOptions, type Gate, type Knock } from './gate.ts'

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
    const visit = visitOf(gate, options, c)
    const admission = knock(visit)
    return admission instanceof Promise ? admission.then(enter) : enter(admission)

    function enter(admission: Admission): Promise<Response | void> {
      if (admission.refused) return Promise.resolve(refuse(visit, admission))
      c.set('key', admission.key as KeyRecord) // nobody enters without
      if (!visit.node) return passWeb(visit, admission, next)
      passNode(visit.node.outgoing, visit, admission)
      return next()
    }
  }
}

/** A handler that is given the key that opened the door. */
export type KeyHandler = (c: Context, key: KeyRecord) => Response | Promise<Response>

/**
 * The same door around one handler. A route that is one handler and nothing else is the fastest that Hono has, so this
 * suits the busiest routes; `requireKey()` guards many at once.
 * @example
 * const options = { verify: verifier.verify, scope: 'contacts:read', clock: () => new Date() }
 * app.get('/v1/contacts', guard(options, (c, key) => c.json({ workspace: key.workspaceId })))
 */
export function guard(options: DoorOptions<Context>, handler: KeyHandler): Handler {
  const gate = createGate(options)
  return (c) => {
    const visit = visitOf(gate, options, c)
    const admission = knock(visit)
    return admission instanceof Promise ? admission.then((later) => enter(visit, later)) : enter(visit, admission)
  }

  function enter(visit: Visit, admission: Admission): Response | Promise<Response> {
    const { c, node } = visit
    if (admission.refused) return refuse(visit, admission)
    const answer = () => handler(c, admission.key as KeyRecord) // nobody enters without
    if (!node) return passWeb(visit, admission, async () => void (c.res = await answer())).then(() => c.res)
    passNode(node.outgoing, visit, admission)
    return answer()
  }
}

/** A request at the door. */
interface Visit {
  readonly c: Context
  /** Undefined on other runtimes and under `app.request()`. */
  readonly node: Node | undefined
  readonly ip: string | null
  readonly gate: Gate<Context>
}

/** What the Node adapter of Hono gives. */
interface Node {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

function visitOf(gate: Gate<Context>, options: DoorOptions<Context>, c: Context): Visit {
  const node = nodeOf(c)
  const ip = options.ip ? options.ip(c) : (node?.incoming.socket.remoteAddress ?? null)
  return { c, node, ip, gate }
}

function nodeOf(c: Context): Node | undefined {
  const env = c.env as Partial<Node> | undefined // whatever the adapter gives
  return env?.incoming?.socket && typeof env.outgoing?.writeHead === 'function' ? (env as Node) : undefined
}

function knock({ c, node, ip, gate }: Visit): Admission | Promise<Admission> {
  return gate.knock(node ? knockOf(node.incoming) : webKnockOf(c.req.raw), c, ip)
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

function refuse({ gate, ip }: Visit, admission: Admission): Response {
  const { status, body } = admission.refused as NonNullable<Admission['refused']> // asked before
  gate.tell?.(admission, ip, status)
  return new Response(body, { status, headers: admission.headers })
}

// not c.header(): one of those makes the adapter leave its fast path, which costs 7 µs a request
function passNode(outgoing: ServerResponse, { gate, ip }: Visit, admission: Admission): void {
  atHead(outgoing, admission.headers, (status) => gate.tell?.(admission, ip, status))
}

async function passWeb({ c, gate, ip }: Visit, admission: Admission, answer: () => Promise<void>): Promise<void> {
  for (const name in admission.headers) c.header(name, admission.headers[name])
  try {
    await answer()
  } catch (error) {
    gate.tell?.(admission, ip, 500) // what the app makes of it nobody tells
    throw error
  }
  gate.tell?.(admission, ip, c.res.status)
}
