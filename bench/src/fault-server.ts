// A server that answers every request with the same fault, and keeps when it was asked and with which key of idempotency.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Fault {
  readonly name: string
  /** Null: the connection is reset. */
  readonly status: number | null
  readonly headers?: Readonly<Record<string, string>>
}

export interface FaultServer {
  readonly url: URL
  readonly asked: readonly { readonly at: number; readonly idempotencyKey: string | undefined }[]
  readonly stop: () => Promise<void>
}

export async function startFaultServer({ status, headers = {} }: Fault): Promise<FaultServer> {
  const asked: { at: number; idempotencyKey: string | undefined }[] = []
  const server = createServer((request, response) => {
    asked.push({ at: performance.now(), idempotencyKey: request.headers['idempotency-key'] as string | undefined })
    request.resume().on('end', () => {
      if (status === null) return request.socket.resetAndDestroy()
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(JSON.stringify({ code: 'fault', status, detail: 'a fault', requestId: 'req_1', message: 'a fault', name: 'application_error', error: { message: 'a fault' } }))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    asked,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
