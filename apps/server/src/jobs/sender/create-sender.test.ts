import { newId } from '@letterlock/contract'
import { connect, emails, properties, suppressions } from '@letterlock/db'
import { type HandOver, smtpTransport } from '@letterlock/mail'
import { describe, expect, onTestFinished, test } from 'vitest'
import { defaultLimits } from './limits.ts'
import { countsOf, freezeAll, seedStartedCampaign, senderFor, until, untilStatus } from './testing/fixture.ts'
import { senderRig } from './testing/rig.ts'
import { parseMessage, startSink } from './testing/sink.ts'

const { closers, database, sinkAndTransport, started } = senderRig()

describe('createSender()', () => {
  test('mails 1 000 people exactly once, each with his own values', async () => {
    const { db } = database()
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

  test('shows the fallback of a declared property to who has no value of it', async () => {
    const { db } = database()
    const { sink, transport } = await sinkAndTransport()
    const { environmentId, campaignId, contactIds } = await seedStartedCampaign(db, { count: 2 })
    await db.transaction().execute((tx) =>
      properties.declareProperty(tx, environmentId, { key: 'number', type: 'string', fallback: 'unknown', now: new Date() }))
    await db.updateTable('contacts').set({ properties: '{}' }).where('id', '=', contactIds[0] ?? '').execute()
    started(senderFor(db, { live: transport.handOver }))
    await untilStatus(db, environmentId, { id: campaignId, status: 'sent' })
    const htmlTo = async (address: string) => (await parseMessage(sink.received.find(({ to }) => to[0] === address)?.raw ?? '')).mail.html
    expect(await htmlTo('p0@people.example')).toContain('number unknown.')
    expect(await htmlTo('p1@people.example')).toContain('number 1.')
  })

  test('does not mail who opted out between the start and his turn', async () => {
    const { db } = database()
    const { sink, transport } = await sinkAndTransport()
    const { environmentId, campaignId, listId, contactIds } = await seedStartedCampaign(db, { count: 6 })
    await freezeAll(db, environmentId, { campaignId })
    const setStatus = (index: number, status: string) =>
      db.updateTable('list_members').set({ status }).where('list_id', '=', listId).where('contact_id', '=', contactIds[index] ?? '').execute()
    await setStatus(0, 'unsubscribed')
    await setStatus(1, 'unconfirmed')
    await db.deleteFrom('list_members').where('contact_id', '=', contactIds[2] ?? '').execute()
    await db.deleteFrom('contacts').where('id', '=', contactIds[3] ?? '').execute()
    await db.transaction().execute((tx) =>
      suppressions.addSuppression(tx, environmentId, { emailKey: 'p4@people.example', origin: 'complaint', now: new Date() }))
    started(senderFor(db, { live: transport.handOver }))
    await untilStatus(db, environmentId, { id: campaignId, status: 'sent' })
    expect([...sink.counts().keys()]).toEqual(['p5@people.example'])
    const rows = await db.selectFrom('campaign_recipients').select(['contact_id', 'state', 'reason', 'charged'])
      .where('environment_id', '=', environmentId).orderBy('contact_id').execute()
    expect(rows.map(({ state, reason }) => reason ?? state))
      .toEqual(['unsubscribed', 'unconfirmed', 'not_on_a_list', 'contact_deleted', 'suppressed:complaint', 'sent'])
    expect(rows.map(({ charged }) => charged)).toEqual([false, false, false, false, false, true])
  })

  test('killed between attempt and result: the window becomes unknown, nobody is mailed twice', async () => {
    const { db, connectionString } = database()
    const { environmentId, campaignId } = await seedStartedCampaign(db, { count: 400 })
    const mailed: string[] = []
    let hang = false
    const handOver: HandOver = (message) => {
      mailed.push(message.envelope.to[0] ?? '')
      if (mailed.length === 150) hang = true
      return hang ? new Promise(() => undefined) : Promise.resolve({ kind: 'accepted', response: '250', rejected: [] })
    }
    const dying = connect({ connectionString, max: 6, applicationName: 'dying' })
    const first = senderFor(dying, { live: handOver, limits: { drainMs: 50 } })
    first.start()
    await until(() => hang)
    await dying.destroy() // as good as kill -9: it can never write again
    const beforeDeath = await countsOf(db, environmentId, campaignId)
    const clock = () => new Date(Date.now() + defaultLimits.leaseMs + 1_000)
    hang = false
    started(senderFor(db, { live: handOver, clock }))
    await untilStatus(db, environmentId, { id: campaignId, status: 'sent' })
    const counts = await countsOf(db, environmentId, campaignId)
    expect(counts.unknown).toBeGreaterThan(0)
    expect(counts.unknown).toBeLessThanOrEqual(defaultLimits.inFlightWindow)
    expect(counts.sent + counts.unknown).toBe(400)
    expect(beforeDeath.sent).toBeGreaterThan(0)
    expect(new Set(mailed).size).toBe(mailed.length)
    await first.stop()
  })

  test('tries again after 4xx, gives up after 5xx', async () => {
    const { db } = database()
    const { sink, transport } = await sinkAndTransport({
      answer: (address, times) => {
        if (address.startsWith('p0@') && times < 3) return { code: 451, text: '4.3.0 Later' }
        return address.startsWith('p1@') ? { code: 550, text: '5.1.1 No such user' } : null
      },
    })
    const { environmentId, campaignId } = await seedStartedCampaign(db, { count: 3 })
    started(senderFor(db, { live: transport.handOver }))
    await untilStatus(db, environmentId, { id: campaignId, status: 'sent' })
    const rows = await db.selectFrom('campaign_recipients').select(['state', 'attempts', 'reason']).where('environment_id', '=', environmentId)
      .orderBy('contact_id').execute()
    expect(rows).toEqual([
      { state: 'sent', attempts: 3, reason: null },
      { state: 'failed', attempts: 1, reason: expect.stringContaining('5.1.1 No such user') },
      { state: 'sent', attempts: 1, reason: null },
    ])
    expect([...sink.counts()]).toEqual(expect.arrayContaining([['p0@people.example', 1], ['p2@people.example', 1]]))
  })

  test('gives a later attempt the Message-ID of the first, whatever the secret is by then', async () => {
    const { db } = database()
    const { sink, transport } = await sinkAndTransport()
    const { environmentId, campaignId } = await seedStartedCampaign(db, { count: 1 })
    await freezeAll(db, environmentId, { campaignId })
    const id = await queueEmail(environmentId, ['b@people.example'])
    const tried = (name: string) => ({ message_id: `<${name}@acme.example>`, attempts: 1 })
    await db.updateTable('campaign_recipients').set(tried('first')).where('campaign_id', '=', campaignId).execute()
    await db.updateTable('emails').set(tried('second')).where('id', '=', id).execute()
    started(senderFor(db, { live: transport.handOver }))
    await until(() => sink.received.length === 2)
    const sentTo = (address: string) => sink.received.find(({ to }) => to[0] === address)?.raw
    expect(sentTo('p0@people.example')).toContain('Message-ID: <first@acme.example>')
    expect(sentTo('b@people.example')).toContain('Message-ID: <second@acme.example>')
  })

  test('waits for a server that cannot be reached, and counts no attempt', async () => {
    const { db } = database()
    const gone = await startSink()
    const port = Number(new URL(gone.url).port)
    await gone.close()
    const transport = smtpTransport({ url: gone.url, maxConnections: 10 })
    closers.push(transport.close)
    const { environmentId, campaignId } = await seedStartedCampaign(db, { count: 20 })
    started(senderFor(db, { live: transport.handOver }))
    const refused = () =>
      db.selectFrom('campaign_recipients').select(['attempts', 'state']).where('environment_id', '=', environmentId)
        .where('reason', 'is not', null).executeTakeFirst()
    expect(await until(refused)).toEqual({ attempts: 0, state: 'queued' })
    const sink = await startSink({ port })
    closers.push(sink.close)
    await untilStatus(db, environmentId, { id: campaignId, status: 'sent' })
    expect([...sink.counts().values()]).toEqual(Array.from({ length: 20 }, () => 1))
    const attempts = await db.selectFrom('campaign_recipients').select('attempts').distinct().where('environment_id', '=', environmentId).execute()
    expect(attempts).toEqual([{ attempts: 1 }])
  })

  test('two senders side by side mail everybody once', async () => {
    const { db, connectionString } = database()
    const { sink, transport } = await sinkAndTransport()
    const other = connect({ connectionString, max: 6, applicationName: 'other' })
    closers.push(() => other.destroy())
    const { environmentId, campaignId } = await seedStartedCampaign(db, { count: 1_000 })
    const used = [0, 0]
    const counting = (index: 0 | 1): HandOver => (message, options) => {
      used[index] = (used[index] ?? 0) + 1
      return transport.handOver(message, options)
    }
    started(senderFor(db, { live: counting(0), limits: { claimBatch: 50, refillBelow: 25 } }))
    started(senderFor(other, { live: counting(1), limits: { claimBatch: 50, refillBelow: 25 } }))
    await untilStatus(db, environmentId, { id: campaignId, status: 'sent' })
    expect(sink.counts().size).toBe(1_000)
    expect(sink.received).toHaveLength(1_000)
    expect(Math.min(...used)).toBeGreaterThan(0)
  })

  test('a sender that keeps losing its leases mails nobody twice', async () => {
    const { db, connectionString } = database()
    const other = connect({ connectionString, max: 6, applicationName: 'other' })
    closers.push(() => other.destroy())
    const { environmentId, campaignId } = await seedStartedCampaign(db, { count: 400 })
    const mailed: string[] = []
    const slow: HandOver = async (message) => {
      mailed.push(message.envelope.to[0] ?? '')
      await new Promise((resolve) => setTimeout(resolve, 10))
      return { kind: 'accepted', response: '250', rejected: [] }
    }
    started(senderFor(db, { live: slow }))
    await until(() => mailed.length > 20)
    started(senderFor(other, { live: slow, clock: () => new Date(Date.now() + 3_600_000) })) // takes every lease for lost
    await untilStatus(db, environmentId, { id: campaignId, status: 'sent' })
    expect(new Set(mailed).size).toBe(mailed.length)
    expect(mailed).toHaveLength(400)
  })

  test('pauses when the quota is used up, and goes on by itself when there is room', async () => {
    const { db } = database()
    const { sink, transport } = await sinkAndTransport()
    const { environmentId, campaignId } = await seedStartedCampaign(db, { count: 40 })
    await db.insertInto('quotas').values({ environment_id: environmentId, meter: 'emails.sent', amount: 15 }).execute()
    started(senderFor(db, { live: transport.handOver }))
    const paused = await untilStatus(db, environmentId, { id: campaignId, status: 'paused' })
    expect(paused.pause_reason).toBe('quota')
    await until(() => sink.counts().size === 15)
    await db.updateTable('quotas').set({ amount: 1_000 }).where('environment_id', '=', environmentId).execute()
    await untilStatus(db, environmentId, { id: campaignId, status: 'sent' })
    expect(sink.counts().size).toBe(40)
    const { used } = await db.selectFrom('meter_balances').select('used').where('environment_id', '=', environmentId).executeTakeFirstOrThrow()
    expect(used).toBe(40)
  })

  test('mails for one tenant while hundreds of campaigns of another one wait for quota', async () => {
    const { db } = database()
    const { sink, transport } = await sinkAndTransport()
    const poor = await seedStartedCampaign(db, { count: 1 })
    await db.insertInto('quotas').values({ environment_id: poor.environmentId, meter: 'emails.sent', amount: 0 }).execute()
    const row = await db.selectFrom('campaigns').selectAll().where('id', '=', poor.campaignId).executeTakeFirstOrThrow()
    const more = Array.from({ length: 501 }, () => ({ ...row, id: newId('campaign'), status: 'paused', pause_reason: 'quota' }))
    await db.insertInto('campaigns').values(more).execute()
    const { environmentId, campaignId } = await seedStartedCampaign(db, { count: 3, email: (index) => `rich${index}@people.example` })
    started(senderFor(db, { live: transport.handOver }))
    await untilStatus(db, environmentId, { id: campaignId, status: 'sent' })
    expect([...sink.counts().keys()].toSorted()).toEqual(['rich0@people.example', 'rich1@people.example', 'rich2@people.example'])
  })

  test('stop() finishes what is under way, writes it down and gives the rest back', async () => {
    const { db } = database()
    const { environmentId, campaignId } = await seedStartedCampaign(db, { count: 300 })
    const mailed: string[] = []
    const slow: HandOver = async (message) => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      mailed.push(message.envelope.to[0] ?? '')
      return { kind: 'accepted', response: '250', rejected: [] }
    }
    const first = senderFor(db, { live: slow })
    first.start()
    await until(() => mailed.length > 30)
    await first.stop()
    const counts = await countsOf(db, environmentId, campaignId)
    expect(counts).toMatchObject({ sending: 0, unknown: 0, sent: mailed.length, queued: 300 - mailed.length })
    started(senderFor(db, { live: slow }))
    await untilStatus(db, environmentId, { id: campaignId, status: 'sent' })
    expect(new Set(mailed).size).toBe(300)
    expect(mailed).toHaveLength(300)
  })

  test('pauses a campaign whose recipients are refused', async () => {
    const { db } = database()
    const { environmentId, campaignId } = await seedStartedCampaign(db, { count: 500 })
    started(senderFor(db, { live: () => Promise.resolve({ kind: 'permanent', code: 550, response: '550 5.7.1 Blocked' }) }))
    const paused = await untilStatus(db, environmentId, { id: campaignId, status: 'paused' })
    expect(paused.pause_reason).toBe('error_rate')
    const settled = await until(async () => {
      const counts = await countsOf(db, environmentId, campaignId)
      return counts.sending === 0 && counts
    })
    expect(settled.failed).toBeLessThanOrEqual(defaultLimits.healthMinimum + defaultLimits.inFlightWindow)
    expect(settled.queued).toBe(500 - settled.failed)
  })

  test('goes no further with a campaign that went bad, though the database takes its time to pause it', async () => {
    const { db } = database()
    const { environmentId, campaignId } = await seedStartedCampaign(db, { count: 500 })
    let handedOver = 0
    let letGo = () => {}
    const held = new Promise<void>((resolve) => (letGo = resolve))
    onTestFinished(() => letGo())
    let busy = Promise.resolve()
    const lock = () => new Promise<void>((isLocked) => {
      busy = db.transaction().execute(async (tx) => {
        await tx.selectFrom('campaigns').select('id').where('id', '=', campaignId).forNoKeyUpdate().execute()
        isLocked()
        await held
      })
    })
    const live: HandOver = async () => {
      handedOver += 1
      if (handedOver === 50) await lock() // it was frozen and claimed before
      return { kind: 'permanent', code: 550, response: '550 5.7.1 Blocked' }
    }
    started(senderFor(db, { live }))
    const most = defaultLimits.healthMinimum + defaultLimits.inFlightWindow
    await until(() => handedOver >= defaultLimits.healthMinimum)
    await new Promise((resolve) => setTimeout(resolve, 300)) // as long as some hundreds take
    expect(handedOver).toBeLessThanOrEqual(most)
    letGo()
    await busy
    await untilStatus(db, environmentId, { id: campaignId, status: 'paused' })
    const counts = await until(async () => {
      const now = await countsOf(db, environmentId, campaignId)
      return now.sending === 0 && now
    })
    expect(counts).toMatchObject({ failed: handedOver, queued: 500 - handedOver, unknown: 0 })
    expect(handedOver).toBeLessThanOrEqual(most)
  })
})

function queueEmail(environmentId: Parameters<typeof emails.insertEmail>[1], recipients: string[]) {
  const id = newId('email')
  return database().db.transaction().execute(async (tx) => {
    await emails.insertEmail(tx, environmentId, {
      id, from_mailbox: 'Acme <hello@acme.example>', recipients, recipient_keys: recipients, subject: 'Your code', html: '<p>42</p>', text: null,
      reply_to: null, headers: {}, tags: [], state: 'queued', reason: null, now: new Date(),
    })
    return id
  })
}
