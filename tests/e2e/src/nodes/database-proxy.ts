// The way of one node to PostgreSQL, which can be cut, swallow everything, or lose notifications.
// Messages: https://www.postgresql.org/docs/current/protocol-message-formats.html
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface DatabaseProxy {
  readonly port: number
  /** How many statements went through (Bind and simple Query). */
  readonly statements: () => number
  /** How many NotificationResponse messages came from PostgreSQL, those that were dropped included. */
  readonly notifications: () => number
  /** Everything passes again; what was held back goes on its way. */
  readonly pass: () => void
  /** Breaks all connections and refuses new ones. */
  readonly cut: () => void
  /** Takes connections and bytes and passes neither on, as a network does that loses all packets. */
  readonly blackHole: () => void
  /** Drops notifications, or passes them again. */
  readonly mute: (isMuted: boolean) => void
  readonly stop: () => Promise<void>
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
}

export async function startDatabaseProxy(databasePort: number): Promise<DatabaseProxy> {
  const state = { mode: 'pass' as 'pass' | 'cut' | 'black hole', isMuted: false, statements: 0, notifications: 0 }
  const pairs = new Set<Pair>()
  const held = new Set<Socket>() // taken in a black hole, on their way to nowhere
  const listener = createServer({ pauseOnConnect: true, noDelay: true }, (client) => {
    client.on('error', () => undefined) // 'close' follows
    if (state.mode === 'cut') return void client.resetAndDestroy()
    if (state.mode === 'pass') return join(client)
    held.add(client.on('close', () => held.delete(client)))
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')

  function join(client: Socket): void {
    if (client.destroyed) return
    const server = connect({ host: '127.0.0.1', port: databasePort, noDelay: true })
    const pair = { client, server }
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      client.destroy()
      server.destroy()
    }
    server.on('error', () => undefined)
    server.on('close', end)
    client.on('close', end)
    const fromClient = clientMessages((type) => void (state.statements += type === bind || type === query ? 1 : 0))
    const fromServer = messages((type) => {
      if (type === notificationResponse) state.notifications++
      return type !== notificationResponse || !state.isMuted
    })
    client.on('data', (chunk: Buffer) => {
      const { answer, onward } = fromClient(chunk)
      if (answer) client.write(answer)
      if (onward.length > 0) server.write(onward)
    })
    server.on('data', (chunk: Buffer) => {
      const onward = fromServer(chunk)
      if (onward.length > 0) client.write(onward)
    })
    client.resume()
  }

  return {
    port: (listener.address() as AddressInfo).port, // a TCP server
    statements: () => state.statements,
    notifications: () => state.notifications,
    pass() {
      state.mode = 'pass'
      for (const socket of [...pairs].flatMap(({ client, server }) => [client, server])) socket.resume()
      for (const client of held) join(client)
      held.clear()
    },
    cut() {
      state.mode = 'cut'
      for (const { client, server } of pairs) {
        client.resetAndDestroy()
        server.destroy()
      }
    },
    blackHole() {
      state.mode = 'black hole'
      for (const socket of [...pairs].flatMap(({ client, server }) => [client, server])) socket.pause()
    },
    mute: (isMuted) => void (state.isMuted = isMuted),
    async stop() {
      listener.close()
      for (const { client, server } of pairs) [client, server].forEach((socket) => socket.destroy())
      for (const client of held) client.destroy()
      await once(listener, 'close')
    },
  }
}

const [bind, query, notificationResponse] = ['B', 'Q', 'A'].map((letter) => letter.charCodeAt(0))
const none = Buffer.alloc(0)
const sslRequest = 80_877_103
const gssEncryptionRequest = 80_877_104
const plainText = Buffer.from('N')

/** Cuts a stream into messages with a type and gives on those that are kept; `keep` sees the type of each. */
export function messages(keep: (type: number) => boolean): (chunk: Buffer) => Buffer {
  let rest: Buffer = none
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const kept: Buffer[] = []
    let at = 0
    while (bytes.length - at >= 5) {
      const end = at + 1 + bytes.readInt32BE(at + 1)
      if (bytes.length < end) break
      if (keep(bytes.readUInt8(at))) kept.push(bytes.subarray(at, end))
      at = end
    }
    rest = bytes.subarray(at)
    return kept.length === 1 ? (kept[0] ?? none) : Buffer.concat(kept)
  }
}

/** The client's side: it begins with messages without a type; a wish for encryption is answered with no. */
function clientMessages(see: (type: number) => void): (chunk: Buffer) => { answer: Buffer | null; onward: Buffer } {
  let begun = false
  let rest: Buffer = none
  const typed = messages((type) => (see(type), true))
  return (chunk) => {
    if (begun) return { answer: null, onward: typed(chunk) }
    const bytes = Buffer.concat([rest, chunk])
    const length = bytes.length < 8 ? Infinity : bytes.readInt32BE(0)
    if (bytes.length < length) {
      rest = bytes
      return { answer: null, onward: none }
    }
    const code = bytes.readInt32BE(4)
    if (code === sslRequest || code === gssEncryptionRequest) {
      rest = bytes.subarray(length)
      return { answer: plainText, onward: none }
    }
    begun = true
    return { answer: null, onward: Buffer.concat([bytes.subarray(0, length), typed(bytes.subarray(length))]) }
  }
}
