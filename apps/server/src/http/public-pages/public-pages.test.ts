import { createTestDatabase, type TestDatabase } from '@letterlock/db/testing'
import { newId } from '@letterlock/contract'
import { contacts } from '@letterlock/db'
import { defineUnsubscribeTokens } from '@letterlock/mail'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freezeAll, seedStartedCampaign } from '../../jobs/sender/testing/fixture.ts'
import { publicPages } from './public-pages.ts'

const tokens = defineUnsubscribeTokens([{ version: '1', secret: randomBytes(32) }])
const now = new Date('2026-11-22T10:00:00.000Z')
let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

async function setUp() {
  const { db } = database
  const seeded = await seedStartedCampaign(db, { count: 2 })
  await freezeAll(db, seeded.environmentId, seeded)
  const [contactId = newId('contact')] = seeded.contactIds
  const path = `/u/${tokens.issue({ campaignId: seeded.campaignId, contactId })}`
  const app = publicPages({ db, tokens, clock: () => now })
  /** That of the contact whose link it is comes first: ids of one millisecond have no order. */
  const memberships = async () => {
    const rows = await db.selectFrom('list_members').select(['contact_id', 'status']).where('environment_id', '=', seeded.environmentId).execute()
    return rows.toSorted((a, b) => Number(b.contact_id === contactId) - Number(a.contact_id === contactId))
  }
  const consents = () => db.selectFrom('consent_events').selectAll().where('environment_id', '=', seeded.environmentId).execute()
  const recipient = () =>
    db.selectFrom('campaign_recipients').selectAll().where('environment_id', '=', seeded.environmentId)
      .where('contact_id', '=', contactId).executeTakeFirstOrThrow()
  return { db, app, path, contactId, memberships, consents, recipient, ...seeded }
}

describe('publicPages()', () => {
  test('shows a page on GET and HEAD, and changes nothing', async () => {
    const { app, path, memberships, consents, recipient } = await setUp()
    const shown = await app.request(path)
    expect(shown.status).toBe(200)
    expect(shown.headers.get('content-security-policy')).toContain("default-src 'none'")
    const html = await shown.text()
    expect(html).toContain('<button type="submit">Unsubscribe</button>')
    expect(html).not.toContain('<script')
    expect((await app.request(path, { method: 'HEAD' })).status).toBe(200)
    expect((await memberships()).map(({ status }) => status)).toEqual(['subscribed', 'subscribed'])
    expect(await consents()).toEqual([])
    expect((await recipient()).unsubscribed_at).toBeNull()
  })

  test('unsubscribes on a one-click POST, once however often it comes', async () => {
    const { app, path, contactId, listId, memberships, consents, recipient } = await setUp()
    const post = () =>
      app.request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'List-Unsubscribe=One-Click',
      })
    expect((await post()).status).toBe(200)
    expect((await post()).status).toBe(200)
    expect((await memberships()).map(({ status }) => status)).toEqual(['unsubscribed', 'subscribed'])
    const events = await consents()
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ contact_id: contactId, list_id: listId, status: 'unsubscribed', source: 'one_click', ip: '127.0.0.1', at: now })
    expect((await recipient()).unsubscribed_at).toEqual(now)
  })

  test('suppresses the address when the campaign had no list', async () => {
    const { db, app, path, environmentId, campaignId } = await setUp()
    await db.updateTable('campaigns').set({ list_ids: [] }).where('id', '=', campaignId).execute()
    await app.request(path, { method: 'POST' })
    const suppressed = await db.selectFrom('suppressions').selectAll().where('environment_id', '=', environmentId).execute()
    expect(suppressed).toMatchObject([{ email_key: 'p0@people.example', origin: 'unsubscribe', source: campaignId }])
  })

  test('answers the same 404 to every forged token, on GET and POST', async () => {
    const { app, path, memberships } = await setUp()
    const forged = [`${path.slice(0, -1)}${path.endsWith('A') ? 'B' : 'A'}`, '/u/x', `/u/${'A'.repeat(57)}`, `${path}A`]
    const pages = new Set<string>()
    for (const method of ['GET', 'POST']) {
      for (const each of forged) {
        const answer = await app.request(each, { method })
        expect(answer.status).toBe(404)
        pages.add(await answer.text())
      }
    }
    expect(pages.size).toBe(1)
    expect((await memberships()).map(({ status }) => status)).toEqual(['subscribed', 'subscribed'])
  })

  test('unsubscribes the address of a person who is gone since', async () => {
    const { db, app, path, contactId, listId, environmentId, recipient } = await setUp()
    await db.deleteFrom('contacts').where('id', '=', contactId).execute()
    expect((await app.request(path, { method: 'POST' })).status).toBe(200)
    const optOuts = await db.selectFrom('opt_outs').selectAll().where('environment_id', '=', environmentId).execute()
    expect(optOuts).toEqual([{ environment_id: environmentId, list_id: listId, email_key: 'p0@people.example', created_at: now }])
    expect((await recipient()).unsubscribed_at).toEqual(now)
  })

  test('unsubscribes a person who was renamed since, under both addresses', async () => {
    const { db, app, path, contactId, environmentId, memberships } = await setUp()
    await db.updateTable('contacts').set({ email: 'new@people.example', email_key: 'new@people.example' }).where('id', '=', contactId).execute()
    expect((await app.request(path, { method: 'POST' })).status).toBe(200)
    expect((await memberships()).map(({ status }) => status)).toEqual(['unsubscribed', 'subscribed'])
    const optOuts = await db.selectFrom('opt_outs').select('email_key').where('environment_id', '=', environmentId).orderBy('email_key').execute()
    expect(optOuts.map(({ email_key }) => email_key)).toEqual(['new@people.example', 'p0@people.example'])
  })

  test('answers every POST while the contact is deleted and created again', async () => {
    const { db, app, path, environmentId, listId } = await setUp()
    const name = { emailKey: 'p0@people.example' }
    const origin = { reference: newId('request'), now, source: 'api', ip: null }
    const item = { email: name.emailKey, ...name, listIds: [listId] }
    await db.deleteFrom('contacts').where('email_key', '=', name.emailKey).where('environment_id', '=', environmentId).execute() // uncounted
    const answers = await Promise.all(Array.from({ length: 20 }, async (_, turn) => {
      if (turn % 2) return (await app.request(path, { method: 'POST' })).status
      await db.transaction().execute((tx) => contacts.deleteContact(tx, environmentId, { name, ...origin, reference: newId('request') }))
      const saving = { items: [item], onConflict: 'update' as const, ...origin, reference: newId('request') }
      await db.transaction().execute((tx) => contacts.saveContacts(tx, environmentId, saving))
      return 200
    }))
    expect(new Set(answers)).toEqual(new Set([200]))
    expect((await contacts.findContact(db, environmentId, name))?.lists).toEqual([{ id: listId, status: 'unsubscribed' }])
  })
})
