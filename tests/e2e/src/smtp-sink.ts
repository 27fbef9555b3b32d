// An SMTP server that outlives the servers under test and remembers what it was given.
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { SMTPServer } from 'smtp-server'

export interface SmtpSink {
  readonly url: string
  /** How often each address was mailed. */
  readonly counts: ReadonlyMap<string, number>
  readonly total: () => number
  /** The raw message that an address got last, for its content. */
  readonly lastTo: (address: string) => string | undefined
  readonly close: () => Promise<void>
}

export async function startSmtpSink(options: { keepMessages?: boolean; delayMs?: number } = {}): Promise<SmtpSink> {
  const counts = new Map<string, number>()
  const last = new Map<string, string>()
  let total = 0
  const server = new SMTPServer({
    authOptional: true, disabledCommands: ['AUTH', 'STARTTLS'], disableReverseLookup: true, logger: false,
    onData(stream, session, done) {
      void buffer(stream as unknown as Readable).then(async (raw) => { // smtp-server's stream is a PassThrough
        for (const { address } of session.envelope.rcptTo) {
          counts.set(address, (counts.get(address) ?? 0) + 1)
          if (options.keepMessages) last.set(address, raw.toString())
        }
        total++
        if (options.delayMs) await new Promise((resolve) => setTimeout(resolve, options.delayMs))
        done(null)
      }).catch(() => done(new Error('the client went away'))) // a killed server
    },
  })
  server.on('error', () => undefined) // connections of killed servers
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    url: `smtp://127.0.0.1:${port}`, counts, total: () => total, lastTo: (to) => last.get(to),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
