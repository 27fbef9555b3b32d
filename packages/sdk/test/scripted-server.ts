/** A server that speaks the protocol by a script: it answers what a test says, and keeps what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What the server does with one request. `reset` closes the socket without an answer, `hang` never answers. */
export type Scripted =
  | 'reset'
  | 'hang'
  | { readonly status: number; readonly headers?: Record<string, string>; readonly json?: unknown; readonly text?: string; readonly thenReset?: boolean }

/** Starts a server that answers in the order of the script; the last line is answered for ever. */
export async function scriptedServer(...script: Scripted[]) {
  const seen: Seen[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const line = script[Math.min(seen.length, script.length - 1)]
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body })
    if (line !== undefined) play(line, response)
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const stop = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  onTestFinished(async () => void (await stop()))
  return { url, seen, stop, closeIdle: () => server.closeIdleConnections() }
}

/** A failure as the server writes it. */
export function problemAnswer(status: number, code: string, { headers = {}, ...more }: { headers?: Record<string, string>; [member: string]: unknown } = {}): Scripted {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    json: { type: `https://letterlock.example/${code}`, title: code, status, detail: `about ${code}`, code, requestId: 'req_1', ...more },
  }
}

function play(line: Scripted, response: ServerResponse) {
  if (line === 'reset') return response.destroy()
  if (line === 'hang') return
  const text = line.text ?? (line.json === undefined ? '' : JSON.stringify(line.json))
  const headers = { 'content-type': 'application/json', ...line.headers }
  if (line.thenReset) {
    response.writeHead(line.status, { ...headers, 'content-length': text.length + 100 })
    response.write(text, () => response.destroy())
    return
  }
  response.writeHead(line.status, headers)
  response.end(text)
}
