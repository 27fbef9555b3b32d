import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** Listens where nothing may come, and counts what comes. */
export async function startCanary(host = '127.0.0.1', port = 0): Promise<{ port: number; connections: () => number; stop: () => void }> {
  let connections = 0
  const server = createServer((socket: Socket) => {
    connections += 1
    socket.destroy()
  })
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address() as AddressInfo // a TCP server has one
  return { port: address.port, connections: () => connections, stop: () => void server.close() }
}
