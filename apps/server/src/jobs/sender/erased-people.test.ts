import { newId } from '@letterlock/contract'
import { emails, erasures, meters } from '@letterlock/db'
import { expect, test } from 'vitest'
import { freezeAll, seedEnvironment, seedStartedCampaign, senderFor, until, untilStatus } from './testing/fixture.ts'
import { senderRig } from './testing/rig.ts'

const { database, sinkAndTransport, started } = senderRig()
type EnvironmentId = Parameters<typeof erasures.erasePerson>[1]

/** A campaign to so many people, who are counted as the API counts them. */
async function startedCampaign(count: number) {
  const { db } = database()
  const campaign = await seedStartedCampaign(db, { count })
  const taking = { meter: 'contacts.stored', amount: count, reference: newId('request'), now: new Date() } as const
  await db.transaction().execute((tx) => meters.takeMeter(tx, campaign.environmentId, taking))
  return campaign
}

function erase(environmentId: EnvironmentId, emailKey: string) {
  const erasure = { name: { emailKey }, reference: newId('request'), now: new Date() }
  return database().db.transaction().execute((tx) => erasures.erasePerson(tx, environmentId, erasure))
}

test('who is erased between the start of a campaign and his turn is not mailed, queued or claimed', async () => {
  const { db } = database()
  const { sink, transport } = await sinkAndTransport()
  const { environmentId, campaignId } = await startedCampaign(3)
  await freezeAll(db, environmentId, { campaignId })
  const rows = db.updateTable('campaign_recipients').where('environment_id', '=', environmentId)
  const leaseUntil = new Date(Date.now() + 60_000)
  await rows.where('email_key', '=', 'p1@people.example').set({ state: 'claimed', lease_owner: 'snd_x', lease_until: leaseUntil }).execute()
  for (const email of ['p0@people.example', 'p1@people.example']) {
    expect(await erase(environmentId, email)).toEqual({ state: 'erased', contact: true, campaignMessages: 1, emails: 0 })
  }
  started(senderFor(db, { live: transport.handOver }))
  await untilStatus(db, environmentId, { id: campaignId, status: 'sent' })
  expect([...sink.counts().keys()]).toEqual(['p2@people.example'])
  const ledger = await db.selectFrom('campaign_recipients').select(['email', 'state', 'reason'])
    .where('environment_id', '=', environmentId).orderBy('contact_id').execute()
  const erased = { email: 'erased', state: 'suppressed', reason: 'erased' }
  expect(ledger).toEqual([erased, erased, { email: 'p2@people.example', state: 'sent', reason: null }])
})

test('who is erased before his part of the audience is frozen is not in it', async () => {
  const { db } = database()
  const { environmentId, campaignId } = await startedCampaign(3)
  await erase(environmentId, 'p1@people.example')
  await freezeAll(db, environmentId, { campaignId })
  const frozen = await db.selectFrom('campaign_recipients').select('email').where('environment_id', '=', environmentId).orderBy('email').execute()
  expect(frozen.map(({ email }) => email)).toEqual(['p0@people.example', 'p2@people.example'])
})

test('while a message to him is handed over nothing is erased', async () => {
  const { db } = database()
  const { environmentId, campaignId } = await startedCampaign(1)
  await freezeAll(db, environmentId, { campaignId })
  await db.updateTable('campaign_recipients').set({ state: 'attempting', lease_owner: 'snd_x', lease_until: new Date() })
    .where('environment_id', '=', environmentId).execute()
  expect(await erase(environmentId, 'p0@people.example')).toEqual({ state: 'in_flight' })
})

test.each(['queued', 'claimed'] as const)('a %s e-mail to him and another goes to the other alone; one to him alone to nobody', async (state) => {
  const { db } = database()
  const { sink, transport } = await sinkAndTransport()
  const environmentId = await seedEnvironment(db)
  const both = await queueEmail(environmentId, ['ada@people.example', 'bob@people.example'])
  const alone = await queueEmail(environmentId, ['ada@people.example'])
  const lease = { state, ...(state === 'claimed' && { lease_owner: 'snd_x', lease_until: new Date(Date.now() + 60_000) }) }
  await db.updateTable('emails').set(lease).where('environment_id', '=', environmentId).execute()
  expect(await erase(environmentId, 'ada@people.example')).toEqual({ state: 'erased', contact: false, campaignMessages: 0, emails: 2 })
  started(senderFor(db, { live: transport.handOver }))
  const sent = await until(async () => {
    const row = await emails.findEmail(db, environmentId, both)
    return row?.state === 'sent' && row
  })
  expect(sent).toMatchObject({ recipients: ['bob@people.example'], subject: 'Your code' })
  expect(await emails.findEmail(db, environmentId, alone)).toMatchObject({ state: 'suppressed', reason: 'erased', recipients: ['erased'], subject: 'erased', html: null })
  const mailed = ['ada@people.example', 'bob@people.example'].map((address) => sink.counts().get(address))
  expect(mailed).toEqual([undefined, 1]) // the sink also hears of the campaigns above
})

function queueEmail(environmentId: EnvironmentId, recipients: string[]) {
  const id = newId('email')
  return database().db.transaction().execute(async (tx) => {
    await emails.insertEmail(tx, environmentId, {
      id, from_mailbox: 'Acme <hello@acme.example>', recipients, recipient_keys: recipients, subject: 'Your code', html: '<p>42</p>', text: null,
      reply_to: null, headers: {}, tags: [], state: 'queued', reason: null, now: new Date(),
    })
    return id
  })
}
