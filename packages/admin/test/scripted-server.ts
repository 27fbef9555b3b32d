/** A server that answers by a script: failures that a real one has only on its bad days. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { letterlockKeys } from '@letterlock/keys'
import { onTestFinished } from 'vitest'
import { type AdminOptions, createAdmin } from '../src/index.ts'

export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What the server does with one request. `reset` closes the socket without an answer, `hang` never answers. */
export type Scripted = 'reset' | 'hang' | { readonly status: number; readonly headers?: Record<string, string>; readonly json?: unknown; readonly text?: string }

/** Made here, so that no key is ever written into the repository. */
export const rootKey: string = letterlockKeys.issue({ mode: 'root' }).token

/** A server that answers in the order of the script, the last line for ever, and a client of it. */
export async function scripted(script: readonly Scripted[], options: AdminOptions = {}) {
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
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, seen, admin: createAdmin({ url, rootKey, ...options }) }
}

/** An answer as a procedure gives it. */
export function output(data: unknown): Scripted {
  return { status: 200, json: { result: { data } } }
}

/** A refusal as the server writes it. */
export function refusal(status: number, code: string, { headers = {}, ...data }: { headers?: Record<string, string>; [member: string]: unknown } = {}): Scripted {
  return { status, headers, json: { error: { message: `about ${code}`, code: -32_000, data: { code, httpStatus: status, requestId: 'req_1', ...data } } } }
}

function play(line: Scripted, response: ServerResponse) {
  if (line === 'reset') return response.destroy()
  if (line === 'hang') return
  response.writeHead(line.status, { 'content-type': 'application/json', ...line.headers })
  response.end(line.text ?? (line.json === undefined ? '' : JSON.stringify(line.json)))
}
