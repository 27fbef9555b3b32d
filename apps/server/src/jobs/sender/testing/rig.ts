import { createTestDatabase, type TestDatabase } from '@letterlock/db/testing'
import { smtpTransport } from '@letterlock/mail'
import { afterAll, afterEach, beforeAll } from 'vitest'
import type { Sender } from '../create-sender.ts'
import { startSink } from './sink.ts'

/** A database for the tests of one file; senders, sinks and transports that end with their test. */
export function senderRig() {
  let database: TestDatabase
  const closers: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    database = await createTestDatabase({ max: 20 })
  })
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })
  afterAll(() => database.drop())

  return {
    database: () => database,
    closers,
    started(sender: Sender): Sender {
      sender.start()
      closers.push(sender.stop)
      return sender
    },
    async sinkAndTransport(options: Parameters<typeof startSink>[0] = {}) {
      const sink = await startSink(options)
      const transport = smtpTransport({ url: sink.url, maxConnections: 10 })
      closers.push(sink.close, transport.close)
      return { sink, transport }
    },
  }
}
