import { createServer } from 'node:net'

/**
 * A port of 127.0.0.1 that nobody listens on at this moment: `wanted`, or any when it is 0.
 * Null when the wanted one is taken.
 */
export function findFreePort(wanted: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(null)
      else reject(error)
    })
    server.listen({ port: wanted, host: '127.0.0.1', exclusive: true }, () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
