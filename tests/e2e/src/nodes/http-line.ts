// One keep-alive connection that requests leave on when they are sent, answered in order (RFC 9112 §9.3.2). There is little
// work per request, so that one process can ask several nodes some thousand times a second and still note the times exactly.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** What came back; the body is only looked at by who needs it. */
export interface LineAnswer {
  readonly status: number
  /** Status line and header fields, as they came. */
  readonly head: string
  readonly body: Buffer
}

/** Called with the answer, or with null when the connection ended before it came. */
export type OnAnswer = (answer: LineAnswer | null) => void

const headEnd = Buffer.from('\r\n\r\n')
const empty = Buffer.alloc(0)

export class HttpLine {
  readonly #port: number
  #socket: Socket | null = null
  #received: Buffer = empty
  #waiting: OnAnswer[] = []

  constructor(port: number) {
    this.#port = port
  }

  /** Requests that are sent and not answered. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Opens the connection, so that the first request leaves without waiting for it. */
  async open(): Promise<this> {
    const socket = this.#socket ?? this.#connect()
    if (socket.connecting) await once(socket, 'connect')
    return this
  }

  /** Sends a request, on a new connection when there is none. */
  send(request: string, onAnswer: OnAnswer): void {
    const socket = this.#socket ?? this.#connect()
    this.#waiting.push(onAnswer)
    socket.write(request)
  }

  ask(request: string): Promise<LineAnswer | null> {
    return new Promise((resolve) => this.send(request, resolve))
  }

  /** Ends the connection; what is not answered stays so. */
  close(): void {
    this.#socket?.destroy()
  }

  #connect(): Socket {
    const socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true })
    this.#socket = socket
    this.#received = empty
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', () => undefined) // 'close' follows
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = null
      for (const onAnswer of this.#waiting.splice(0)) onAnswer(null)
    })
    return socket
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    for (let parsed = parseAnswer(this.#received); parsed; parsed = parseAnswer(this.#received)) {
      this.#received = this.#received.subarray(parsed.length)
      this.#waiting.shift()?.(parsed.answer)
    }
  }
}

/** The first whole answer of the bytes, and how many it takes; null when more must come. */
export function parseAnswer(bytes: Buffer): { answer: LineAnswer; length: number } | null {
  const end = bytes.indexOf(headEnd)
  if (end === -1) return null
  const head = bytes.toString('latin1', 0, end)
  const status = Number(head.slice(9, 12))
  const start = end + headEnd.length
  const length = headerOf(head, 'content-length')
  if (length !== null) {
    const total = start + Number(length)
    return bytes.length < total ? null : { answer: { status, head, body: bytes.subarray(start, total) }, length: total }
  }
  if (headerOf(head, 'transfer-encoding') !== 'chunked') return { answer: { status, head, body: empty }, length: start }
  return dechunked(bytes, start, { status, head })
}

/** A header field of an answer, null when it has none. */
export function headerOf(head: string, name: string): string | null {
  const at = head.toLowerCase().indexOf(`\r\n${name}: `)
  if (at === -1) return null
  const from = at + name.length + 4
  const to = head.indexOf('\r\n', from)
  return head.slice(from, to === -1 ? undefined : to)
}

function dechunked(bytes: Buffer, start: number, answer: Omit<LineAnswer, 'body'>) {
  const parts: Buffer[] = []
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return null
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const next = lineEnd + 2 + size + 2
    if (bytes.length < next) return null
    if (size === 0) return { answer: { ...answer, body: Buffer.concat(parts) }, length: next }
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = next
  }
}

interface RequestParts {
  readonly token?: string
  readonly headers?: Record<string, string>
  readonly json?: unknown
  readonly form?: Record<string, string>
}

/** The text of a request; a body is sent as JSON or as a form. */
export function requestText(method: string, path: string, { token, headers = {}, json, form }: RequestParts = {}): string {
  const [type, body] = form ? ['x-www-form-urlencoded', new URLSearchParams(form).toString()] : ['json', json === undefined ? '' : JSON.stringify(json)]
  const fields = {
    host: 'localhost',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== '' && { 'content-type': `application/${type}`, 'content-length': String(Buffer.byteLength(body)) }),
    ...headers,
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}
