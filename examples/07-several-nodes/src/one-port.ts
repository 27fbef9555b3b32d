// A small reverse proxy in place of a load balancer: requests go to the nodes in turn, the caller's address goes with them.
import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface OnePort {
  readonly url: string
  /** How many requests each node has answered. */
  readonly answers: () => readonly number[]
}

export async function openOnePort(closers: AsyncDisposableStack, nodes: readonly string[]): Promise<OnePort> {
  const agent = new Agent({ keepAlive: true })
  const answers = nodes.map(() => 0)
  let turn = 0
  const server = createServer((asked, answer) => pass(turn++ % nodes.length, asked, answer))

  function pass(node: number, asked: IncomingMessage, answer: ServerResponse): void {
    const headers = { ...asked.headers, 'x-forwarded-for': asked.socket.remoteAddress ?? '' }
    const onward = request(`${nodes[node]}${asked.url}`, { agent, method: asked.method ?? 'GET', headers })
    onward.on('response', (answered) => {
      answers[node] = (answers[node] ?? 0) + 1
      answer.writeHead(answered.statusCode ?? 502, answered.headers)
      answered.pipe(answer)
    })
    onward.on('error', () => {
      if (answer.headersSent) answer.destroy()
      else answer.writeHead(502).end()
    })
    asked.pipe(onward)
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.defer(() => {
    server.close().closeAllConnections()
    agent.destroy()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, answers: () => answers }
}
