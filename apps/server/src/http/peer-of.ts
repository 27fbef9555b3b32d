import type { Context } from 'hono'

/** The address at the other end of the socket; loopback under `app.request()`, where no socket is. */
export function peerOf(c: Context): string {
  const env = c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined // set by the Node adapter
  return env?.incoming?.socket?.remoteAddress ?? '127.0.0.1'
}
