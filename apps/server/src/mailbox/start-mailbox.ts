import type { Hono } from 'hono'
import { bind } from '../http/listen.ts'
import { mailboxApp } from './mailbox-app.ts'
import { mailboxListener } from './mailbox-listener.ts'
import { MailboxStore } from './mailbox-store.ts'

/** Starts the development mailbox: SMTP on a port, its HTTP side as an app to mount. */
export async function startMailbox(
  options: { host: string; port: number; directory: string; newId: () => string; clock: () => Date },
  closers: AsyncDisposableStack,
): Promise<{ smtpUrl: string; app: Hono }> {
  const store = new MailboxStore(options.directory)
  closers.defer(() => store.close())
  const listener = mailboxListener({ store, newId: options.newId, clock: options.clock })
  await bind(listener.server, { host: options.host, port: options.port, portVariable: 'LETTERLOCK_SMTP_PORT' })
  closers.defer(() => new Promise<void>((resolve) => listener.close(resolve)))
  const address = listener.server.address()
  const port = typeof address === 'object' && address ? address.port : options.port
  return { smtpUrl: `smtp://${options.host}:${port}`, app: mailboxApp(store) }
}
