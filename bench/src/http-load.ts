// A load generator that takes little CPU from the server beside it: the requests are made before, and of
// the answers only the status line and the end are looked at.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Run } from './run.ts'

export interface HttpLoad {
  readonly url: URL
  /** The bytes of the requests, sent in turn, over and over. */
  readonly requests: readonly Buffer[]
  /** On each, the next request goes out when the one before it is answered. */
  readonly connections: number
  readonly seconds: number
}

/** The bytes of a GET. */
export function getRequest(url: URL, headers: Record<string, string>): Buffer {
  const lines = Object.entries({ host: url.host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`GET ${url.pathname} HTTP/1.1\r\n${lines.join('')}\r\n`)
}

/** How many were answered within the time. @throws Error when one was not answered with 200 */
export async function loadHttp({ url, requests, connections, seconds }: HttpLoad): Promise<Run> {
  const sockets = Array.from({ length: connections }, () => connect(Number(url.port), url.hostname).setNoDelay())
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  const startedAt = performance.now()
  const endAt = startedAt + seconds * 1_000
  let next = 0
  const nextRequest = () => performance.now() < endAt ? requests[next++ % requests.length] : undefined
  const counts = await Promise.all(sockets.map((socket) => drive(socket, nextRequest)))
  const run = { count: counts.reduce((sum, count) => sum + count, 0), seconds: (performance.now() - startedAt) / 1_000 }
  for (const socket of sockets) socket.destroy()
  return run
}

/** Asks until there is no request any more; answers how many were answered. */
function drive(socket: Socket, nextRequest: () => Buffer | undefined): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  let answered = 0
  let text = ''
  socket.setEncoding('latin1')
  socket.once('error', reject).once('close', () => reject(new Error('the server closed a connection')))
  socket.on('data', (chunk: string) => {
    text += chunk
    if (!isWhole(text)) return
    if (!text.startsWith('HTTP/1.1 200 ')) return reject(new Error(text))
    text = ''
    answered++
    ask()
  })
  ask()
  return promise

  function ask() {
    const request = nextRequest()
    if (request) socket.write(request)
    else resolve(answered)
  }
}

/** Whether an answer is there to its end. */
function isWhole(text: string): boolean {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return false
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text)?.[1]
  if (length === undefined) throw new Error(`an answer without a length: ${text.slice(0, headEnd)}`)
  return text.length >= headEnd + 4 + Number(length)
}
