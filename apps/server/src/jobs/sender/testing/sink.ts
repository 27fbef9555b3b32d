import { type AddressObject, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerSession } from 'smtp-server'
import type { AddressInfo } from 'node:net'

export interface Received {
  readonly to: string[]
  readonly raw: string
}

/** What the sink answers to a recipient; null: it takes him. */
export type Answer = (address: string, times: number) => { code: number; text: string } | null

export interface Sink {
  readonly url: string
  readonly received: Received[]
  /** How often each address was taken. */
  readonly counts: () => Map<string, number>
  readonly close: () => Promise<void>
}

/** A real SMTP server that keeps what it gets. */
export async function startSink(options: { port?: number; answer?: Answer } = {}): Promise<Sink> {
  const received: Received[] = []
  const asked = new Map<string, number>()
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onRcptTo({ address }, _session, callback) {
      const times = (asked.get(address) ?? 0) + 1
      asked.set(address, times)
      const refusal = options.answer?.(address, times)
      if (!refusal) return callback()
      callback(Object.assign(new Error(refusal.text), { responseCode: refusal.code }))
    },
    onData(stream, session: SMTPServerSession, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        received.push({ to: session.envelope.rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks).toString('utf8') })
        callback()
      })
    },
  })
  server.on('error', () => undefined) // a client that vanishes is part of the tests
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo // it listens on TCP
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    counts() {
      const counts = new Map<string, number>()
      for (const { to } of received) for (const address of to) counts.set(address, (counts.get(address) ?? 0) + 1)
      return counts
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

export async function parseMessage(raw: string) {
  const mail = await simpleParser(raw)
  return { mail, to: (mail.to as AddressObject).text } // one To header
}
