import { newId } from '@letterlock/contract'
import { campaigns, emails, suppressions } from '@letterlock/db'
import { type ComposedMessage, type HandOver, simulatorTransport } from '@letterlock/mail'
import { describe, expect, test } from 'vitest'
import { defaultLimits } from './limits.ts'
import {
  countsOf, freezeAll, join, seedCampaign, seedContacts, seedEnvironment, seedList, seedStartedCampaign, senderFor, until, untilStatus,
} from './testing/fixture.ts'
import { senderRig } from './testing/rig.ts'

const { database, sinkAndTransport, started } = senderRig()

describe('createSender(), beside live campaigns', () => {
  test('sends test campaigns to the simulator and notes what it reports', async () => {
    const { db } = database()
    const names = ['delivered', 'bounced', 'complained', 'deferred']
    const email = (index: number) => `${names[index]}@simulator.letterlock.test`
    const { environmentId, campaignId } = await seedStartedCampaign(db, { count: 4, mode: 'test', email })
    started(senderFor(db, { test: simulatorTransport().handOver }))
    await untilStatus(db, environmentId, { id: campaignId, status: 'sent' })
    expect(await countsOf(db, environmentId, campaignId)).toMatchObject({ sent: 4, delivered: 3, bounced: 1, complained: 1, failed: 0 })
    const suppressed = await db.selectFrom('suppressions').select(['email_key', 'origin']).where('environment_id', '=', environmentId)
      .orderBy('email_key').execute()
    expect(suppressed).toEqual([{ email_key: email(1), origin: 'bounce' }, { email_key: email(2), origin: 'complaint' }])
  })

  test('transactional mail does not wait behind a campaign', async () => {
    const { db } = database()
    const { environmentId } = await seedStartedCampaign(db, { count: 100 })
    const mails: ComposedMessage[] = []
    let stuck = 0
    const live: HandOver = (message) => {
      if (message.envelope.to[0] !== 'now@people.example') return new Promise(() => (stuck += 1))
      mails.push(message)
      return Promise.resolve({ kind: 'accepted', response: '250', rejected: [] })
    }
    started(senderFor(db, { live, limits: { drainMs: 50 } }))
    await until(() => stuck === defaultLimits.connections - defaultLimits.reservedConnections)
    const id = await queueEmail(environmentId, ['Now <now@people.example>'])
    const sent = await until(async () => {
      const row = await emails.findEmail(db, environmentId, id)
      return row?.state === 'sent' && row
    })
    expect(sent).toMatchObject({ attempts: 1, reason: null, message_id: mails[0]?.messageId })
  })

  test('leaves out of an e-mail who was suppressed after the request', async () => {
    const { db } = database()
    const { sink, transport } = await sinkAndTransport()
    const environmentId = await seedEnvironment(db)
    const id = await queueEmail(environmentId, ['a@people.example', 'b@people.example'])
    const none = await queueEmail(environmentId, ['a@people.example'])
    await db.transaction().execute((tx) =>
      suppressions.addSuppression(tx, environmentId, { emailKey: 'a@people.example', origin: 'manual', now: new Date() }))
    started(senderFor(db, { live: transport.handOver }))
    const stateOf = async (email: typeof id) => (await emails.findEmail(db, environmentId, email))?.state
    await until(async () => (await stateOf(id)) === 'sent' && (await stateOf(none)) === 'suppressed')
    // campaigns of the tests before may still be on their way
    const mailed = sink.received.flatMap(({ to }) => to).filter((address) => /^[ab]@/.test(address))
    expect(mailed).toEqual(['b@people.example'])
  })

  test('freezes lists, exclusions and refusals with their reasons; the best list counts', async () => {
    const { db } = database()
    const environmentId = await seedEnvironment(db)
    const [a, b, excluded] = [await seedList(db, environmentId), await seedList(db, environmentId), await seedList(db, environmentId)]
    const ids = await seedContacts(db, environmentId, { count: 6 })
    await join(db, environmentId, { listId: a, contactIds: ids.slice(0, 4) })
    await join(db, environmentId, { listId: b, contactIds: [...ids.slice(0, 1), ...ids.slice(4, 5)], status: 'unsubscribed' })
    await join(db, environmentId, { listId: b, contactIds: ids.slice(5), status: 'unconfirmed' })
    await join(db, environmentId, { listId: excluded, contactIds: ids.slice(1, 2) })
    await db.transaction().execute((tx) =>
      suppressions.addSuppression(tx, environmentId, { emailKey: 'p2@people.example', origin: 'bounce', now: new Date() }))
    const campaignId = await seedCampaign(db, environmentId, { listIds: [a, b], excludeListIds: [excluded] })
    await freezeAll(db, environmentId, { campaignId, size: 2 })
    const rows = await db.selectFrom('campaign_recipients').select(['state', 'reason']).where('campaign_id', '=', campaignId)
      .orderBy('contact_id').execute()
    expect(rows.map(({ state, reason }) => reason ?? state))
      .toEqual(['queued', 'excluded', 'suppressed:bounce', 'queued', 'unsubscribed', 'unconfirmed'])
    expect((await campaigns.findCampaign(db, environmentId, campaignId))?.frozen_at).toBeInstanceOf(Date)
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
