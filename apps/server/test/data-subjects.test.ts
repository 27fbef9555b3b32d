import { type EnvironmentId, newId } from '@letterlock/contract'
import { connect, contacts, type Db, erasures } from '@letterlock/db'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../src/jobs/sender/testing/fixture.ts'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
let db: Db
let environmentId: EnvironmentId
beforeAll(async () => {
  server = await startTestServer()
  db = connect({ connectionString: server.connectionString, max: 12, applicationName: 'test' })
  environmentId = (await server.call('GET', '/key')).body.environmentId
})
afterAll(async () => {
  await db.destroy()
  await server.stop()
})

let count = 0
const newEmail = () => `subject${++count}@people.example`
const consent = { source: 'form /join', ip: '2001:db8::7', wording: 'Yes, send me the news.' }
const content = { name: 'News', subject: 'Hello', html: '<p>Hi {{ contact.firstName }}</p>', from: 'Acme <news@acme.example>' }

async function ask(method: string, path: string, body?: unknown) {
  const answer = await server.call(method, path, { body })
  expect(answer.status, answer.text).toBeLessThan(300)
  return answer.body
}

const create = (path: string, body: unknown) => ask('POST', path, body)

const untilSent = (id: string) => until(async () => (await ask('GET', `/campaigns/${id}`)).status === 'sent')

/** Every row of every table in which the text stands. */
async function tablesWith(text: string): Promise<string[]> {
  const tables = await sql<{ name: string }>`select table_name as name from information_schema.tables where table_schema = 'public'`.execute(db)
  const found = await Promise.all(tables.rows.map(async ({ name }) => {
    const { rows } = await sql`select from ${sql.table(name)} t where t::text ilike ${`%${text}%`} limit 1`.execute(db)
    return rows.length > 0 ? [name] : []
  }))
  return found.flat()
}

describe('GET /contacts/{idOrEmail}/export', () => {
  test('shows all that is stored about one person: fields, consent with its wording, messages and e-mails', async () => {
    const list = await create('/lists', { name: 'News' })
    const email = newEmail()
    const contact = await create('/contacts', { email, firstName: 'Ada', listIds: [list.id], consent })
    const campaign = await create('/campaigns', { ...content, listIds: [list.id] })
    await ask('POST', `/campaigns/${campaign.id}/send`, {})
    const sent = await create('/emails', { from: content.from, to: [`Ada <${email.toUpperCase()}>`, newEmail()], subject: 'Code', text: '42' })
    await untilSent(campaign.id)
    await until(async () => (await ask('GET', `/emails/${sent.id}`)).status === 'sent')
    const time = expect.stringMatching(/^\d{4}-/)
    expect(await ask('GET', `/contacts/${email}/export`)).toEqual({
      exportedAt: time,
      contact,
      optOuts: [],
      consent: [{ at: time, listId: list.id, status: 'subscribed', ...consent }],
      campaignMessages: [{ campaignId: campaign.id, subject: 'Hello', email, state: 'sent', sentAt: time }],
      emails: [{ id: sent.id, subject: 'Code', text: '42', status: 'sent', createdAt: time, sentAt: time }],
      isComplete: true,
    })
  })

  test('notes the call itself where the caller says nothing of consent, and his words per list addition', async () => {
    const [one, other] = [await create('/lists', { name: 'One' }), await create('/lists', { name: 'Other' })]
    const contact = await create('/contacts', { email: newEmail(), listIds: [one.id] })
    await ask('POST', `/lists/${other.id}/contacts`, { contactIds: [contact.id], consent: { wording: 'By post' } })
    const exported = await ask('GET', `/contacts/${contact.id}/export`)
    const [second, first] = exported.consent
    expect(first).toEqual({ at: first.at, listId: one.id, status: 'subscribed', source: 'api', ip: expect.stringMatching(/127\.0\.0\.1|::1/) })
    expect(second).toMatchObject({ listId: other.id, source: 'api', wording: 'By post' })
  })

  test('400 names what is wrong in consent', async () => {
    const answer = await server.call('POST', '/contacts', { body: { email: newEmail(), consent: { ip: 'home' } } })
    expect(answer).toMatchObject({ status: 400, body: { issues: [{ path: 'consent.ip' }] } })
  })
})

describe('POST /contacts/{idOrEmail}/erase', () => {
  test('leaves his address, his name and texts to him in no row of any table', async () => {
    const list = await create('/lists', { name: 'News' })
    const email = newEmail()
    const contact = await create('/contacts', { email, firstName: 'Xanthippe', listIds: [list.id], consent: { ...consent, ip: '2001:db8::99' } })
    const campaign = await create('/campaigns', { ...content, listIds: [list.id] })
    await ask('POST', `/campaigns/${campaign.id}/send`, {})
    const sent = await create('/emails', { from: content.from, to: [email], subject: 'For Xanthippe', text: 'Dear Xanthippe' })
    await untilSent(campaign.id)
    await until(async () => (await ask('GET', `/emails/${sent.id}`)).status === 'sent')
    expect((await tablesWith(email)).length).toBeGreaterThan(2)

    const erased = await ask('POST', `/contacts/${contact.id}/erase`, {})
    expect(erased).toEqual({ erasedAt: expect.any(String), contact: true, campaignMessages: 1, emails: 1 })
    expect([await tablesWith(email), await tablesWith('Xanthippe'), await tablesWith('2001:db8::99')]).toEqual([[], [], []])
    expect((await server.call('GET', `/contacts/${contact.id}`)).status).toBe(404)
    expect((await ask('GET', `/campaigns/${campaign.id}/stats`))).toMatchObject({ audience: 1, sent: 1 })
    expect((await ask('GET', `/emails/${sent.id}`))).toMatchObject({ to: ['erased'], subject: 'erased', status: 'sent' })
  })

  test('he stays unmailed when he is created, imported in a batch or renamed to again; by e-mail too', async () => {
    const list = await create('/lists', { name: 'News' })
    const emails = [newEmail(), newEmail(), newEmail()]
    for (const email of emails) await create('/contacts', { email })
    for (const email of emails) await ask('POST', `/contacts/${email}/erase`, {})
    const [one = '', two = '', three = ''] = emails
    expect(await create('/contacts', { email: one.toUpperCase(), listIds: [list.id] })).toMatchObject({ suppressed: true })
    const batch = await create('/contacts/batch', { contacts: [{ email: two, listIds: [list.id] }, { email: newEmail(), listIds: [list.id] }] })
    expect(batch.data.map((item: { contact: { suppressed: boolean } }) => item.contact.suppressed)).toEqual([true, false])
    const renamed = await create('/contacts', { email: newEmail(), listIds: [list.id] })
    expect(await ask('PATCH', `/contacts/${renamed.id}`, { email: three })).toMatchObject({ suppressed: true })

    const campaign = await create('/campaigns', { ...content, listIds: [list.id] })
    await ask('POST', `/campaigns/${campaign.id}/send`, {})
    await untilSent(campaign.id)
    expect(await ask('GET', `/campaigns/${campaign.id}/stats`)).toMatchObject({ audience: 4, sent: 1, suppressed: 3 })
    const never = newEmail()
    await ask('POST', `/contacts/${never}/erase`, {})
    expect(await create('/emails', { from: content.from, to: never, subject: 'Hi', text: 'Hi' })).toMatchObject({ status: 'suppressed' })
  })

  test('by address works without a contact and again; by an id that is gone it is 404', async () => {
    const contact = await create('/contacts', { email: newEmail() })
    await ask('POST', `/contacts/${contact.email}/erase`, {})
    expect(await ask('POST', `/contacts/${contact.email}/erase`, {})).toMatchObject({ contact: false, campaignMessages: 0, emails: 0 })
    expect((await server.call('POST', `/contacts/${contact.id}/erase`, { body: {} })).status).toBe(404)
  })

  test('beside 20 who create the same address: whoever is left as a contact is suppressed', async () => {
    const emailKey = newEmail()
    const name = { emailKey }
    const origin = { source: 'test', ip: null, now: new Date() }
    await Promise.all(Array.from({ length: 20 }, (_, turn) => db.transaction().execute(async (tx): Promise<unknown> => {
      const reference = newId('request')
      if (turn === 7) return erasures.erasePerson(tx, environmentId, { name, reference, now: origin.now })
      return contacts.saveContacts(tx, environmentId, { items: [{ email: emailKey, emailKey }], onConflict: 'update', reference, ...origin })
    })))
    const left = await contacts.findContact(db, environmentId, name)
    expect(left?.suppressed ?? true).toBe(true)
  })

  test('erases the same person twenty times at once, once', async () => {
    const contact = await create('/contacts', { email: newEmail() })
    const answers = await Promise.all(Array.from({ length: 20 }, () => server.call('POST', `/contacts/${contact.id}/erase`, { body: {} })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 404)])
  })
})
