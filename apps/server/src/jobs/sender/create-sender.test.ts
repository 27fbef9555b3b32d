import { createTestDatabase, type TestDatabase } from '@letterlock/db/testing'
import { smtpTransport } from '@letterlock/mail'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Sender } from './create-sender.ts'
import { countsOf, seedStartedCampaign, senderFor, untilStatus } from './testing/fixture.ts'
import { parseMessage, startSink } from './testing/sink.ts'

let database: TestDatabase
const closers: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  database = await createTestDatabase({ max: 20 })
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
afterAll(() => database.drop())

function started(sender: Sender): Sender {
  sender.start()
  closers.push(sender.stop)
  return sender
}

async function sinkAndTransport(options: Parameters<typeof startSink>[0] = {}) {
  const sink = await startSink(options)
  const transport = smtpTransport({ url: sink.url, maxConnections: 10 })
  closers.push(sink.close, transport.close)
  return { sink, transport }
}

describe('createSender()', () => {
  test('mails 1 000 people exactly once, each with his own values', async () => {
    const { db } = database
    const { sink, transport } = await sinkAndTransport()
    const { environmentId, campaignId, contactIds } = await seedStartedCampaign(db, { count: 1_000 })
    started(senderFor(db, { live: transport.handOver }))
    await untilStatus(db, environmentId, { id: campaignId, status: 'sent' })

    const counts = sink.counts()
    expect(counts.size).toBe(1_000)
    expect([...counts.values()].every((count) => count === 1)).toBe(true)
    expect(await countsOf(db, environmentId, campaignId)).toMatchObject({ audience: 1_000, sent: 1_000, queued: 0, sending: 0 })
    for (const index of [0, 499, 999]) {
      const found = sink.received.find(({ to }) => to[0] === `p${index}@people.example`)
      const { mail, to } = await parseMessage(found?.raw ?? '')
      expect(to).toBe(`p${index}@people.example`)
      expect(mail.subject).toBe(`Hello Name${index}`)
      expect(mail.html).toContain(`number ${index}.`)
      expect(mail.text).toContain(`number ${index}.`)
      expect(found?.raw).toContain(`List-Unsubscribe: <https://mail.example/u/${campaignId}.${contactIds[index]}>`)
    }
  })
})
