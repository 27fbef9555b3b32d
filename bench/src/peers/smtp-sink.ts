// An SMTP server that only counts. Told how many messages to expect, it says when the last one is there.
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

let awaited = 0
let bytes = 0
process.on('message', ({ expect }: { expect: number }) => {
  awaited = expect
  bytes = 0
  process.send?.('expecting')
})

const server = new SMTPServer({
  authOptional: true, disabledCommands: ['AUTH', 'STARTTLS'], disableReverseLookup: true, logger: false,
  onData(stream, _session, done) {
    stream.on('data', (chunk: Buffer) => (bytes += chunk.length))
    stream.on('end', () => {
      done(null)
      awaited -= 1
      if (awaited === 0) process.send?.({ bytes })
    })
  },
})
server.on('error', (error) => console.error(error.message))
server.listen(0, '127.0.0.1', () => process.send?.({ url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}` }))
process.on('disconnect', () => process.exit())
