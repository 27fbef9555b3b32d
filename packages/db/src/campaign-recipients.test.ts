import { type ContactId, type EnvironmentId, type ListId, newId } from '@letterlock/contract'
import { afterAll, beforeEach, expect, test } from 'vitest'
import * as ledger from './campaign-recipients.ts'
import * as reports from './campaign-reports.ts'
import * as campaigns from './campaigns.ts'
import type { Tx } from './connect.ts'
import { createTestDatabase } from './testing.ts'
import * as unsubscribes from './unsubscribes.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ onQuery: (sql) => statements.add(sql) })
afterAll(drop)

const now = new Date('2026-11-22T10:00:00.000Z')
const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000)
const content = {
  name: 'C', subject: 'S', html: '<p>H</p>', text: null, from_mailbox: 'a@acme.example', reply_to: null, exclude_list_ids: [],
}

let environmentId: EnvironmentId
let listId: ListId
let campaignId: ReturnType<typeof newId<'campaign'>>
let contactIds: ContactId[]

beforeEach(async () => {
  await db.deleteFrom('campaign_recipients').execute()
  environmentId = newId('environment')
  listId = newId('list')
  campaignId = newId('campaign')
  contactIds = Array.from({ length: 4 }, () => newId('contact'))
  const workspaceId = newId('workspace')
  const stamps = { created_at: now, updated_at: now }
  await db.insertInto('workspaces').values({ id: workspaceId, name: 'W', status: 'active', ...stamps }).execute()
  await db.insertInto('environments').values({ id: environmentId, workspace_id: workspaceId, mode: 'live', created_at: now }).execute()
  await db.insertInto('lists')
    .values({ environment_id: environmentId, id: listId, name: 'L', double_opt_in: false, visibility: 'private', ...stamps }).execute()
  for (const id of contactIds) {
    const email = `${id}@people.example`
    await db.insertInto('contacts').values({ environment_id: environmentId, id, email, email_key: email, ...stamps }).execute()
    await db.insertInto('list_members')
      .values({ environment_id: environmentId, list_id: listId, contact_id: id, status: 'subscribed', ...stamps }).execute()
  }
  await inTx(async (tx) => {
    await campaigns.insertCampaign(tx, environmentId, { id: campaignId, ...content, list_ids: [listId], now })
    await campaigns.startCampaign(tx, environmentId, { id: campaignId, now })
    await ledger.freezeNext(tx, environmentId, { campaignId, size: 100, now })
  })
})

function inTx<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().execute(work)
}

const claim = (owner: string, limit = 10, at = now) =>
  inTx((tx) => ledger.claimDue(tx, environmentId, { campaignId, listIds: [listId], limit, owner, leaseUntil: later(15), now: at }))

const begin = (owner: string, contacts: readonly string[], claimed = 1) =>
  ledger.beginAttempts(db, environmentId, {
    campaignId, listIds: [listId], owner, leaseUntil: later(15),
    attempts: contacts.map((contactId) => ({ contactId, claim: claimed, messageId: `<${contactId}@acme.example>` })),
  })

const result = (contactId: string, more: Partial<ledger.AttemptResult> = {}): ledger.AttemptResult => ({
  environmentId, campaignId, contactId, emailKey: `${contactId}@people.example`, claim: 1, state: 'sent', reason: null, nextAttemptAt: null, refund: false,
  sentAt: now, deliveredAt: null, bouncedAt: null, complainedAt: null, ...more,
})

async function rowOf(contactId: string | undefined) {
  return db.selectFrom('campaign_recipients').selectAll().where('environment_id', '=', environmentId)
    .where('contact_id', '=', contactId ?? '').executeTakeFirstOrThrow()
}

test('claimDue() never leases a recipient twice', async () => {
  const claims = await Promise.all([claim('a', 2), claim('b', 2), claim('c', 2)])
  const ids = claims.flatMap(({ claimed }) => claimed.map(({ contactId }) => contactId))
  expect(new Set(ids).size).toBe(ids.length)
  expect([...ids].sort()).toEqual(contactIds)
  expect(claims.reduce((sum, { looked }) => sum + looked, 0)).toBe(4) // who gets how many is a race
})

test('beginAttempts() refuses a sender whose lease passed to another one', async () => {
  await claim('slow')
  expect(await ledger.expireLeases(db, later(16))).toEqual({ requeued: 4, unknown: 0 })
  expect((await claim('quick')).claimed).toHaveLength(4)
  expect(await begin('slow', contactIds)).toEqual(new Set())
  expect(await begin('quick', contactIds, 2)).toEqual(new Set(contactIds))
})

test('beginAttempts() refuses who opted out since the claim, and a campaign that was paused', async () => {
  await claim('a')
  const [gone = '', suppressed = '', stays = ''] = contactIds
  await inTx((tx) => unsubscribes.unsubscribe(tx, environmentId, { campaignId, contactId: gone, ip: '192.0.2.1', now }))
  await db.insertInto('suppressions')
    .values({ environment_id: environmentId, email_key: `${suppressed}@people.example`, origin: 'manual', created_at: now }).execute()
  expect(await begin('a', [gone, suppressed, stays])).toEqual(new Set([stays]))
  await campaigns.pauseCampaign(db, environmentId, { id: campaignId, reason: 'error_rate', now })
  expect(await begin('a', contactIds.slice(3))).toEqual(new Set())
})

test('beginAttempts() gives the same answer when its first answer was lost', async () => {
  await claim('a')
  expect(await begin('a', contactIds)).toEqual(new Set(contactIds))
  expect(await begin('a', contactIds)).toEqual(new Set(contactIds))
  expect((await rowOf(contactIds[0])).attempts).toBe(1)
})

test('expireLeases() queues claimed rows again and never attempted ones', async () => {
  await claim('a')
  await begin('a', contactIds.slice(0, 1))
  expect(await ledger.expireLeases(db, later(14))).toEqual({ requeued: 0, unknown: 0 })
  expect(await ledger.expireLeases(db, later(16))).toEqual({ requeued: 3, unknown: 1 })
  expect(await rowOf(contactIds[0])).toMatchObject({ state: 'unknown', reason: ledger.lostResult, message_id: `<${contactIds[0]}@acme.example>` })
  expect((await claim('b', 10, later(3_600))).claimed.map(({ contactId }) => contactId)).toEqual(contactIds.slice(1))
})

test('extendLeases() keeps what its owner holds, and nothing else', async () => {
  await claim('a', 2)
  await claim('b', 2)
  const rows = contactIds.map((contactId) => ({ environmentId, campaignId, contactId }))
  await ledger.extendLeases(db, 'a', { rows, leaseUntil: later(60) })
  expect(await ledger.expireLeases(db, later(30))).toEqual({ requeued: 2, unknown: 0 })
})

test('writeResults() sets an unknown row right for its owner, and for nobody else', async () => {
  await claim('a')
  await begin('a', contactIds)
  await ledger.expireLeases(db, later(16))
  const [first = '', second = '', third = ''] = contactIds
  await ledger.writeResults(db, 'b', [result(first)])
  expect((await rowOf(first)).state).toBe('unknown')
  await ledger.writeResults(db, 'a', [
    result(first),
    result(second, { state: 'queued', refund: true, sentAt: null, nextAttemptAt: later(1) }),
    result(third, { claim: 2 }),
  ])
  expect(await rowOf(first)).toMatchObject({ state: 'sent', sent_at: now, reason: null })
  expect(await rowOf(second)).toMatchObject({ state: 'queued', attempts: 0, lease_owner: null })
  expect((await rowOf(third)).state).toBe('unknown')
})

test('writeResults() repeated after a lost answer does not touch the attempt that came after it', async () => {
  const [contactId = ''] = contactIds
  const refunded = result(contactId, { state: 'queued', refund: true, sentAt: null, nextAttemptAt: now })
  await claim('a')
  await begin('a', [contactId])
  await ledger.writeResults(db, 'a', [refunded])
  await claim('a')
  await begin('a', [contactId], 2)
  await ledger.writeResults(db, 'a', [refunded])
  await ledger.writeResults(db, 'a', [result(contactId, { claim: 2 })])
  expect(await rowOf(contactId)).toMatchObject({ state: 'sent', attempts: 1 })
})

test('beginAttempts() allows one attempt when its owner lost a lease and claimed the same recipient again', async () => {
  const [contactId = ''] = contactIds
  await claim('a')
  await ledger.expireLeases(db, later(16))
  await claim('a')
  expect(await begin('a', [contactId], 2)).toEqual(new Set([contactId]))
  expect(await begin('a', [contactId], 1)).toEqual(new Set())
})

test('finishCampaign() waits until nobody is queued or on his way', async () => {
  const finish = () => campaigns.finishCampaign(db, environmentId, { id: campaignId, now })
  expect(await finish()).toBe(false)
  await claim('a')
  expect(await finish()).toBe(false)
  await begin('a', contactIds)
  expect(await finish()).toBe(false)
  await ledger.writeResults(db, 'a', contactIds.map((id) => result(id)))
  expect(await finish()).toBe(true)
  expect(await finish()).toBe(false)
})

test('startCampaign() starts a campaign once, however many ask', async () => {
  const id = newId('campaign')
  await inTx((tx) => campaigns.insertCampaign(tx, environmentId, { id, ...content, list_ids: [listId], now }))
  const started = await Promise.all(Array.from({ length: 5 }, () => inTx((tx) => campaigns.startCampaign(tx, environmentId, { id, now }))))
  expect(started.filter((row) => row !== null)).toHaveLength(1)
})

test('countByState() adds up to the audience, and listRecipients() pages through it', async () => {
  await claim('a', 2)
  await begin('a', contactIds.slice(0, 1))
  await ledger.writeResults(db, 'a', [result(contactIds[0] ?? '', { deliveredAt: now })])
  expect(await reports.countByState(db, environmentId, campaignId)).toEqual({
    audience: 4, queued: 2, sending: 1, sent: 1, failed: 0, suppressed: 0, unknown: 0, delivered: 1, bounced: 0, complained: 0, unsubscribed: 0,
  })
  const page = await reports.listRecipients(db, environmentId, { campaignId, limit: 2 })
  expect(page.map((row) => row.contact_id)).toEqual(contactIds.slice(1).reverse())
  const sending = await reports.listRecipients(db, environmentId, { campaignId, limit: 2, before: contactIds[2], states: ['claimed', 'attempting'] })
  expect(sending.map((row) => row.contact_id)).toEqual([contactIds[1]])
})

test('releaseClaims() gives back what is claimed by this owner only', async () => {
  await claim('a')
  await begin('a', contactIds.slice(0, 1))
  await ledger.releaseClaims(db, environmentId, { campaignId, contactIds, owner: 'b', uncharge: true })
  expect((await rowOf(contactIds[1])).state).toBe('claimed')
  await ledger.releaseClaims(db, environmentId, { campaignId, contactIds, owner: 'a', uncharge: true })
  expect(await rowOf(contactIds[0])).toMatchObject({ state: 'attempting', charged: true })
  expect(await rowOf(contactIds[1])).toMatchObject({ state: 'queued', charged: false, lease_owner: null })
})

test('the statements sent are those of the snapshot', async () => {
  await campaigns.listCampaignsAtWork(db, 10)
  await campaigns.resumeWithinQuota(db, now)
  await campaigns.listCampaigns(db, environmentId, { limit: 1, before: campaignId, status: 'draft' })
  await campaigns.allListsExist(db, environmentId, [listId])
  await campaigns.findCampaign(db, environmentId, campaignId)
  await inTx((tx) => campaigns.updateDraft(tx, environmentId, { id: campaignId, content: { name: 'D' }, now }))
  await inTx((tx) => campaigns.deleteDraft(tx, environmentId, campaignId))
  await unsubscribes.findEnvironmentOfCampaign(db, campaignId)
  const foreign = /^insert into "(workspaces|environments|lists|contacts|list_members|suppressions)"|^(select \*|delete) from "campaign_recipients"/
  const lines = [...statements].map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => /^(select|insert|update|delete|with)/i.test(line) && !foreign.test(line))
  await expect(`${lines.toSorted().join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/campaigns.sql')
})
