import { getRequestListener } from '@hono/node-server'
import { newId } from '@letterlock/contract'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import net from 'node:net'
import { setTimeout as waitMs } from 'node:timers/promises'
import { failure } from './failure.ts'
import { problemBody } from './problem.ts'

type Fetch = Parameters<typeof getRequestListener>[0]

/** A listening HTTP server and how it ends. */
export interface Listener {
  readonly url: string
  /**
   * Takes no new connection, answers every request that comes on the open ones, then closes them. Whoever takes longer
   * than 25 s is cut off; what his request is doing is waited for, 5 s at most.
   */
  drain(): Promise<void>
}

/** A port could not be had; the message says which setting to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}

/** Serves `fetch` on a port, with bounds on headers, time and idle connections. */
export async function listen(options: { host: string; port: number; portVariable: string; fetch: Fetch }): Promise<Listener> {
  const state = { draining: false }
  const running = new Set<Promise<unknown>>()
  const fetch: Fetch = (...parameters) => {
    const answering = options.fetch(...parameters)
    if (!(answering instanceof Promise)) return answering
    running.add(answering)
    const end = () => running.delete(answering)
    answering.then(end, end)
    return answering
  }
  const handle = getRequestListener(fetch, { overrideGlobalObjects: false })
  const server = createServer(
    { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 60_000, keepAliveTimeout: 65_000, connectionsCheckingInterval: 5_000 },
    (request, response) => {
      if (state.draining) response.setHeader('connection', 'close')
      void handle(request, response)
    },
  )
  server.on('clientError', answerMalformed)
  await bind(server, options)
  const { port } = server.address() as net.AddressInfo // a TCP server
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return { url: `http://${host}:${port}`, drain: () => drain(server, state, running) }
}

/** Drains all at once: no one waits for the slow requests of another. */
export async function drainAll(listeners: readonly Listener[]): Promise<void> {
  await Promise.all(listeners.map((listener) => listener.drain()))
}

/** Waits for the port; turns its refusal into one line that says what to do. */
export async function bind(server: net.Server, options: { host: string; port: number; portVariable: string }): Promise<void> {
  server.listen(options.port, options.host)
  try {
    await once(server, 'listening')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    const place = `${options.host}:${options.port}`
    if (code === 'EADDRINUSE') throw new ListenError(`Port ${place} is in use. Stop the program there, or set ${options.portVariable} to another port.`, { cause: error })
    throw new ListenError(`Cannot listen on ${place} (${String(code)}). Set ${options.portVariable} and its host to an address of this machine.`, { cause: error })
  }
}

// http.Server.close() would cut idle keep-alive connections at once, under requests already on their way;
// net's own close only stops listening
async function drain(server: Server, state: { draining: boolean }, running: ReadonlySet<Promise<unknown>>): Promise<void> {
  state.draining = true
  const closed = new Promise<void>((resolve) => net.Server.prototype.close.call(server, () => resolve()))
  const timer = setInterval(() => server.closeIdleConnections(), 500)
  const force = setTimeout(() => server.closeAllConnections(), 25_000)
  await closed
  clearInterval(timer)
  clearTimeout(force)
  // a request outlives its connection; what it does last is still to be recorded
  await Promise.race([Promise.allSettled(running), waitMs(5_000, undefined, { ref: false })])
}

function answerMalformed(error: NodeJS.ErrnoException, socket: net.Socket) {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const refusal = tooLarge
    ? failure('headers_too_large', 'The header fields are larger than 16 KiB.')
    : failure('invalid_request', 'The request is not HTTP/1.1.')
  const requestId = newId('request')
  const body = JSON.stringify(problemBody(refusal, requestId))
  const status = tooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\ncontent-type: application/problem+json\r\nx-request-id: ${requestId}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`)
}

