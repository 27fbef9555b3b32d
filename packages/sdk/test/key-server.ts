/** A server that knows keys: each is answered by its state, which a test may change at any time. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface AskedWith {
  readonly key: string
  readonly idempotencyKey: string | undefined
}

/** `states` says of each key `ok` or the code that it is refused with; further headers go on each answer. */
export async function keyServer(states: Record<string, string>, headers: Record<string, string> = {}) {
  const answers = { ...states }
  const seen: AskedWith[] = []
  const server = createServer((request, response) => {
    const key = keyOf(request)
    const code = answers[key] ?? 'invalid_key'
    seen.push({ key, idempotencyKey: request.headers['idempotency-key'] as string | undefined })
    const status = statusOf(code)
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(status === 200 ? { id: 'key_1' } : { code, status, detail: `about ${code}`, requestId: 'req_1' }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    return new Promise<void>((resolve) => void server.close(() => resolve()))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, answers, headers }
}

function keyOf({ headers }: IncomingMessage): string {
  return headers.authorization?.replace('Bearer ', '') ?? ''
}

function statusOf(code: string): number {
  if (code === 'ok') return 200
  if (code === 'unavailable') return 503
  return code === 'insufficient_scope' ? 403 : 401
}
