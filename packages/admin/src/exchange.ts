/** One exchange with the server, bounded in time. Raw errors stay here: they may hold the request. */
import { AdminError } from './admin-error.ts'
import type { Answer } from './read-answer.ts'

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** A request that can be sent again. */
export interface WireRequest {
  readonly procedure: string
  readonly url: string
  readonly init: { readonly method: 'GET' | 'POST'; readonly headers: Readonly<Record<string, string>>; readonly body?: string }
}

export interface Bounds {
  readonly timeoutMs: number
  readonly signals: readonly AbortSignal[]
}

/** The answer, whatever its status, or why there is none. */
export async function exchange({ procedure, url, init }: WireRequest, { timeoutMs, signals }: Bounds, fetch: Fetch): Promise<Answer | AdminError> {
  const stop = stopAfter(timeoutMs, signals)
  try {
    // A redirect is not followed: the root key goes to no other place. The race is for a `fetch` that does not heed its signal.
    return await Promise.race([answerOf(fetch(url, { ...init, signal: stop.signal, redirect: 'manual' })), stop.stopped])
  } catch (error) {
    const aborted = signals.find((signal) => signal.aborted)
    if (aborted) return new AdminError({ code: 'aborted', message: `${procedure} was aborted by its signal.`, cause: aborted.reason })
    if (stop.signal.aborted) return new AdminError({ code: 'timeout', message: `${procedure} was not answered within ${timeoutMs} ms.` })
    const message = `${procedure}: ${new URL(url).host} cannot be reached: ${reasonOf(error)}.`
    return new AdminError({ code: 'connection_failed', message })
  } finally {
    stop.forget()
  }
}

/** Stops by time or by a signal. Nothing is left of it afterwards: a timer that waits on keeps Deno from ending. */
function stopAfter(timeoutMs: number, signals: readonly AbortSignal[]) {
  const controller = new AbortController()
  const stopped = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true })
  })
  stopped.catch(() => undefined) // nobody may be waiting for it any more
  const abort = () => controller.abort()
  const timer = setTimeout(abort, timeoutMs)
  for (const signal of signals) signal.addEventListener('abort', abort, { once: true })
  if (signals.some((signal) => signal.aborted)) abort()
  const forget = () => {
    clearTimeout(timer)
    for (const signal of signals) signal.removeEventListener('abort', abort)
  }
  return { signal: controller.signal, stopped, forget }
}

async function answerOf(sent: Promise<Response>): Promise<Answer> {
  const response = await sent
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
