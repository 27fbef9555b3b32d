import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'
import type { MailboxStore } from './mailbox-store.ts'

/** The SMTP side of the development mailbox; takes every message, keeps it, sends nothing on. */
export function mailboxListener(deps: { store: MailboxStore; newId: () => string; clock: () => Date }): SMTPServer {
  const listener = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    hidePIPELINING: true,
    size: 26_214_400,
    logger: false,
    onData(stream, session, done) {
      buffer(stream as unknown as Readable).then( // smtp-server's stream is a PassThrough
        (raw) => {
          const { mailFrom, rcptTo } = session.envelope
          const from = mailFrom ? mailFrom.address : ''
          deps.store.append({ id: deps.newId(), from, to: rcptTo.map((rcpt) => rcpt.address), receivedAt: deps.clock().toISOString(), raw })
          done(null)
        },
        (error: unknown) => done(error instanceof Error ? error : new Error('the message could not be read')),
      )
    },
  })
  listener.on('error', () => undefined) // a connection that broke; without a listener it would end the process
  return listener
}
