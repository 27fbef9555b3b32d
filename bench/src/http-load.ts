// A load generator that takes little CPU from the server beside it: the requests are made before, several go out in one
// write, and of the answers only the status line and the end are looked at.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Run } from './run.ts'

export interface HttpLoad {
  readonly url: URL
  /** The bytes of the requests, sent in turn, over and over. */
  readonly requests: readonly Buffer[]
  readonly connections: number
  /** Requests on a connection that go out together; the next ones when all of them are answered. */
  readonly together: number
  readonly seconds: number
}

/** The bytes of a GET. */
export function getRequest(url: URL, headers: Record<string, string>): Buffer {
  const lines = Object.entries({ host: url.host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`GET ${url.pathname} HTTP/1.1\r\n${lines.join('')}\r\n`)
}

/** How many were answered within the time. @throws Error when one was not answered with 200 */
export async function loadHttp({ url, requests, connections, together, seconds }: HttpLoad): Promise<Run> {
  const groups = Array.from({ length: requests.length / together }, (_, index) => Buffer.concat(requests.slice(index * together, (index + 1) * together)))
  const sockets = Array.from({ length: connections }, () => connect(Number(url.port), url.hostname).setNoDelay())
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  const startedAt = performance.now()
  const endAt = startedAt + seconds * 1_000
  let next = 0
  const nextGroup = () => performance.now() < endAt ? groups[next++ % groups.length] : undefined
  const counts = await Promise.all(sockets.map((socket) => drive(socket, { together, nextGroup })))
  const run = { count: counts.reduce((sum, count) => sum + count, 0), seconds: (performance.now() - startedAt) / 1_000 }
  for (const socket of sockets) socket.destroy()
  return run
}

type Turns = Pick<HttpLoad, 'together'> & { readonly nextGroup: () => Buffer | undefined }

/** Asks until there is no group any more; answers how many were answered. */
function drive(socket: Socket, { together, nextGroup }: Turns): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  let answered = 0
  let waiting = 0
  let text = ''
  socket.setEncoding('latin1')
  socket.once('error', reject).once('close', () => reject(new Error('the server closed a connection')))
  socket.on('data', (chunk: string) => {
    text += chunk
    for (let end = endOfAnswer(text); end > 0; end = endOfAnswer(text)) {
      if (!text.startsWith('HTTP/1.1 200 ')) return reject(new Error(text.slice(0, end)))
      text = text.slice(end)
      answered++
      waiting--
    }
    if (waiting === 0) ask()
  })
  ask()
  return promise

  function ask() {
    const group = nextGroup()
    if (!group) return resolve(answered)
    waiting = together
    socket.write(group)
  }
}

/** Where the first answer ends; 0 when it is not whole yet. */
function endOfAnswer(text: string): number {
  const headEnd = text.indexOf('\r\n\r\n') + 4
  if (headEnd === 3) return 0
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text)?.[1]
  if (length === undefined) throw new Error(`an answer without a length: ${text.slice(0, headEnd)}`)
  const end = headEnd + Number(length)
  return text.length >= end ? end : 0
}
