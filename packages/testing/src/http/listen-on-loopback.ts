import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface LoopbackListener {
  readonly url: string
  readonly close: () => Promise<void>
}

/** Serves on a free port of this machine, that nobody else can reach. What `answer` throws cuts the connection. */
export async function listenOnLoopback(answer: (request: Request, ip: string) => Promise<Response>): Promise<LoopbackListener> {
  const server = createServer({ maxHeaderSize: 16_384 }, (incoming, outgoing) => {
    pass(incoming, outgoing, answer).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  // a test that forgets to close it still ends
  server.unref()
  server.on('connection', (socket) => socket.unref())
  const { port } = server.address() as AddressInfo // a TCP server
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      return closed
    },
  }
}

async function pass(incoming: IncomingMessage, outgoing: ServerResponse, answer: (request: Request, ip: string) => Promise<Response>): Promise<void> {
  const body = await bodyOf(incoming)
  const response = await answer(requestOf(incoming, body), incoming.socket.remoteAddress ?? '127.0.0.1')
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.end(incoming.method === 'HEAD' ? undefined : Buffer.from(await response.arrayBuffer()))
}

/** The whole body, also of a request that is refused without it: a client that is still sending would not read its answer. */
async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) { // no encoding is set
    size += chunk.byteLength
    if (size > mostBytes) throw new RangeError('the body is beyond all bounds')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function requestOf(incoming: IncomingMessage, body: Buffer): Request {
  const { method = 'GET', url = '/', headers } = incoming
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const init = {
    method,
    headers: Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as [string, string]])),
    ...(hasBody && body.byteLength > 0 && { body: new Uint8Array(body) }),
  }
  return new Request(`http://127.0.0.1${url.startsWith('/') ? url : '/'}`, init)
}

const mostBytes = 64 * 1024 * 1024
