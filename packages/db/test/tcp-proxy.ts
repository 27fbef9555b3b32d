/** A way to a database that can be cut or made to hang, as networks do. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface TcpProxy {
  /** The given connection string, by way of the proxy. */
  readonly connectionString: string
  /** Resets what is connected now. */
  cut(): void
  /** Passes nothing on any more of what is connected now; new connections are passed. */
  hang(): void
  close(): void
}

export async function openTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const [socket, other] of [[near, far], [far, near]] as const) {
      open.add(socket)
      socket.on('error', () => undefined).on('close', () => {
        open.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port) // it listens on TCP
  return {
    connectionString: url.href,
    cut: () => open.forEach((socket) => socket.resetAndDestroy()),
    hang: () => open.forEach((socket) => socket.unpipe().pause()),
    close() {
      open.forEach((socket) => socket.destroy())
      server.close()
    },
  }
}
