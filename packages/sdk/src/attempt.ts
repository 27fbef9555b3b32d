/** One exchange with the server, bounded in time. */
import type { Answer } from './api-error.ts'
import { AbortedError, ConnectionError, LetterlockError, TimeoutError } from './errors.ts'
import { type AttemptContext, chain, type Middleware, type OutgoingRequest } from './middleware.ts'
import { bounded } from './bounded.ts'

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** A request that can be sent again and again; the key comes to it at each attempt. */
export interface WireRequest {
  readonly method: string
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

export interface AttemptLimits {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** What an attempt needs of its client. */
export interface Transport {
  readonly fetch: Fetch
  readonly middleware: readonly Middleware[]
  readonly apiKey: string
}

/**
 * The answer, whatever its status, or why there is none. Raw errors of `fetch` stay here: they may hold the request.
 * @throws what middleware throws
 */
export async function attempt(
  request: WireRequest,
  limits: AttemptLimits,
  transport: Transport & { readonly context: AttemptContext },
): Promise<Answer | LetterlockError> {
  const outcome = await bounded((signal) => exchange(request, signal, transport), limits)
  if (outcome === 'aborted') return new AbortedError(limits.signal?.reason)
  if (outcome === 'late') return new TimeoutError(`${whereOf(request)} did not answer within ${limits.timeoutMs} ms.`)
  return outcome
}

async function exchange(
  request: WireRequest,
  signal: AbortSignal,
  { fetch, middleware, apiKey, context }: Transport & { readonly context: AttemptContext },
): Promise<Answer | ConnectionError> {
  const authorization = `Bearer ${apiKey}`
  // A redirect is not followed: the key goes to no other place.
  const deliver = ({ url, method, body }: Omit<WireRequest, 'headers'>, headers: Record<string, string>) =>
    connected(request, () => fetch(url, { method, headers, body, signal, redirect: 'manual' }))
  const send = async (outgoing: OutgoingRequest) => {
    if (new URL(outgoing.url).origin !== new URL(request.url).origin) {
      throw new LetterlockError('invalid_argument', 'Middleware changed the origin of a request: the key stays.')
    }
    return deliver(outgoing, { ...Object.fromEntries(outgoing.headers), authorization })
  }
  try {
    const response = middleware.length === 0
      ? await deliver(request, { ...request.headers, authorization })
      : await chain(middleware, send, context)({ ...request, headers: new Headers(request.headers), signal })
    return { status: response.status, headers: response.headers, text: await connected(request, () => response.text()) }
  } catch (error) {
    if (error instanceof ConnectionError) return error
    throw error
  }
}

/** Whatever goes wrong on the line becomes a `ConnectionError`, before middleware can see it. */
async function connected<T>(request: WireRequest, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new ConnectionError(`${whereOf(request)} cannot be reached: ${reasonOf(error)}.`)
  }
}

function whereOf({ method, url }: WireRequest): string {
  return `${method} ${new URL(url).host}`
}

/** A system code such as `ECONNREFUSED`. Never the message: runtimes put URLs and header values into it. */
function reasonOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const code = (at as { code?: unknown }).code
    if (typeof code === 'string' && /^[A-Za-z][A-Za-z0-9_]{1,40}$/.test(code)) return code
  }
  return error instanceof Error ? error.constructor.name : 'no reason given'
}
