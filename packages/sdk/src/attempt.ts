/** One exchange with the server, bounded in time. */
import type { Answer } from './api-error.ts'
import { AbortedError, ConnectionError, type LetterlockError, TimeoutError } from './errors.ts'

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** A request that can be sent again and again. */
export interface WireRequest {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body: string | null
}

export interface AttemptLimits {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** The answer, whatever its status, or why there is none. Raw errors stay here: they may hold the request. */
export async function attempt(
  request: WireRequest,
  { timeoutMs, signal }: AttemptLimits,
  fetch: Fetch,
): Promise<Answer | LetterlockError> {
  const stop = new AbortController()
  const abort = () => stop.abort()
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true })
  })
  signal?.addEventListener('abort', abort, { once: true })
  const timer = setTimeout(abort, timeoutMs)
  try {
    // The race is for a `fetch` that does not heed its signal.
    return await Promise.race([exchange(request, stop.signal, fetch), stopped])
  } catch (error) {
    if (signal?.aborted) return new AbortedError(signal.reason)
    const where = `${request.method} ${new URL(request.url).host}`
    if (stop.signal.aborted) return new TimeoutError(`${where} did not answer within ${timeoutMs} ms.`)
    return new ConnectionError(`${where} cannot be reached: ${reasonOf(error)}.`)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

async function exchange({ url, ...init }: WireRequest, signal: AbortSignal, fetch: Fetch): Promise<Answer> {
  // A redirect is not followed: the key goes to no other place.
  const response = await fetch(url, { ...init, signal, redirect: 'manual' })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** A system code such as `ECONNREFUSED`. Never the message: runtimes put URLs and header values into it. */
function reasonOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const code = (at as { code?: unknown }).code
    if (typeof code === 'string' && /^[A-Za-z][A-Za-z0-9_]{1,40}$/.test(code)) return code
  }
  return error instanceof Error ? error.constructor.name : 'no reason given'
}
