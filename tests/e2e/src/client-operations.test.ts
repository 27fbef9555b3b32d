// Every operation of the table, called by the published client on a server as people start it. An operation without a
// row here does not compile.
import { type OperationId, operationIds, operations } from '@letterlock/contract'
import { Letterlock } from 'letterlock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSite, type ServerProcess, type Site, startServerProcess } from './server-process.ts'

let site: Site
let server: ServerProcess
let letterlock: Letterlock
const called = new Map<string, number>()
beforeAll(async () => {
  site = await createSite()
  server = await startServerProcess(site)
  letterlock = new Letterlock({
    baseUrl: server.dev().apiUrl, apiKey: server.dev().liveKey, maxRetries: 0,
    middleware: [async (request, next, { operation }) => {
      const response = await next(request)
      called.set(operation, response.status)
      return response
    }],
  })
})
afterAll(async () => {
  await server.kill('SIGTERM')
  site.remove()
})

let made = 0
const from = 'Acme <hello@acme.example>'
const newContact = () => letterlock.contacts.create({ email: `ada${++made}@example.com`, firstName: 'Ada' })
const newProperty = () => letterlock.properties.create({ key: `seats${++made}`, type: 'number' })
const newList = () => letterlock.lists.create({ name: `Readers ${++made}` })
const newCampaign = async () => {
  const list = await newList()
  const contact = await newContact()
  await letterlock.lists.addContacts(list.id, { contactIds: [contact.id] })
  return letterlock.campaigns.create({ name: 'October', subject: 'Hello', html: '<p>News. <a href="{{ unsubscribeUrl }}">Unsubscribe</a></p>', from, listIds: [list.id] })
}

/** Each calls its operation, and looks at what only that one can answer. */
const calls: { readonly [Id in OperationId]: () => Promise<void> } = {
  'key.get': async () => expect((await letterlock.key.get()).id).toBe(`key_${server.dev().liveKey.slice(8, 34)}`),
  'usage.get': async () => expect((await letterlock.usage.get()).data).toBeInstanceOf(Array),
  'contacts.create': async () => expect(await newContact()).toMatchObject({ firstName: 'Ada', suppressed: false }),
  'contacts.list': async () => {
    const [first, second] = [await newContact(), await newContact()]
    const listed = await letterlock.contacts.list({ limit: 1 }).toArray({ limit: 2 })
    expect(listed.map(({ id }) => id)).toEqual([second.id, first.id])
  },
  'contacts.get': async () => {
    const contact = await newContact()
    expect(await letterlock.contacts.get(contact.email)).toEqual(contact)
  },
  'contacts.update': async () => expect(await letterlock.contacts.update((await newContact()).id, { lastName: 'Lovelace' })).toMatchObject({ lastName: 'Lovelace' }),
  'contacts.upsert': async () => expect(await letterlock.contacts.upsert('grace@example.com', { firstName: 'Grace' })).toMatchObject({ email: 'grace@example.com' }),
  'contacts.delete': async () => {
    const { id } = await newContact()
    expect(await letterlock.contacts.delete(id)).toBeUndefined()
    await expect(letterlock.contacts.get(id)).rejects.toMatchObject({ status: 404, code: 'not_found' })
  },
  'contacts.export': async () => {
    const contact = await newContact()
    expect(await letterlock.contacts.export(contact.email)).toMatchObject({ contact, optOuts: [] })
  },
  'contacts.erase': async () => {
    const { email } = await newContact()
    await letterlock.contacts.erase(email)
    await expect(letterlock.contacts.get(email)).rejects.toMatchObject({ code: 'not_found' })
  },
  'contacts.batch': async () => {
    const { data } = await letterlock.contacts.batch({ contacts: [{ email: 'a@example.com' }, { email: 'b@example.com' }] })
    expect(data.map(({ status }) => status)).toEqual([201, 201])
  },
  'properties.create': async () => expect(await newProperty()).toMatchObject({ type: 'number', archived: false }),
  'properties.list': async () => {
    const { key } = await newProperty()
    expect((await letterlock.properties.list({ limit: 1 })).data[0]).toMatchObject({ key })
  },
  'properties.get': async () => {
    const property = await newProperty()
    expect(await letterlock.properties.get(property.key)).toEqual(property)
  },
  'properties.update': async () => expect(await letterlock.properties.update((await newProperty()).key, { archived: true })).toMatchObject({ archived: true }),
  'lists.create': async () => expect(await newList()).toMatchObject({ contactCount: 0 }),
  'lists.list': async () => {
    const { id } = await newList()
    expect((await letterlock.lists.list({ limit: 1 })).data[0]?.id).toBe(id)
  },
  'lists.get': async () => {
    const list = await newList()
    expect(await letterlock.lists.get(list.id)).toEqual(list)
  },
  'lists.update': async () => expect(await letterlock.lists.update((await newList()).id, { name: 'Writers' })).toMatchObject({ name: 'Writers' }),
  'lists.delete': async () => {
    const { id } = await newList()
    await letterlock.lists.delete(id)
    await expect(letterlock.lists.get(id)).rejects.toMatchObject({ code: 'not_found' })
  },
  'lists.addContacts': async () => {
    const [list, contact] = [await newList(), await newContact()]
    expect(await letterlock.lists.addContacts(list.id, { contactIds: [contact.id] })).toEqual({ added: 1, alreadyThere: 0, refused: [] })
  },
  'lists.removeContacts': async () => {
    const [list, contact] = [await newList(), await newContact()]
    await letterlock.lists.addContacts(list.id, { contactIds: [contact.id] })
    expect(await letterlock.lists.removeContacts(list.id, { contactIds: [contact.id] })).toMatchObject({ removed: 1 })
  },
  'campaigns.create': async () => expect(await newCampaign()).toMatchObject({ status: 'draft', name: 'October' }),
  'campaigns.list': async () => {
    const { id } = await newCampaign()
    expect((await letterlock.campaigns.list({ limit: 1 })).data[0]).toMatchObject({ id })
  },
  'campaigns.get': async () => {
    const { id } = await newCampaign()
    expect(await letterlock.campaigns.get(id)).toMatchObject({ id, subject: 'Hello' })
  },
  'campaigns.update': async () => expect(await letterlock.campaigns.update((await newCampaign()).id, { subject: 'Good day' })).toMatchObject({ subject: 'Good day' }),
  'campaigns.delete': async () => {
    const { id } = await newCampaign()
    await letterlock.campaigns.delete(id)
    await expect(letterlock.campaigns.get(id)).rejects.toMatchObject({ code: 'not_found' })
  },
  'campaigns.send': async () => {
    const { id } = await newCampaign()
    expect(await letterlock.campaigns.send(id)).toMatchObject({ id, status: 'sending' })
    await expect.poll(async () => (await letterlock.campaigns.get(id)).status, { timeout: 20_000 }).toBe('sent')
  },
  'campaigns.stats': async () => expect(await letterlock.campaigns.stats((await newCampaign()).id)).toMatchObject({ audience: 0, sent: 0 }),
  'campaigns.recipients': async () => {
    const { id } = await newCampaign()
    await letterlock.campaigns.send(id)
    await expect.poll(() => letterlock.campaigns.recipients(id, { state: 'sent' }).toArray({ limit: 5 }), { timeout: 20_000 }).toHaveLength(1)
  },
  'emails.send': async () => expect(await sendEmail()).toMatchObject({ id: expect.stringMatching(/^eml_/) }),
  'emails.get': async () => {
    const { id } = await sendEmail()
    expect(await letterlock.emails.get(id)).toMatchObject({ id, to: ['ada@example.com'] })
  },
  'key.revoke': async () => {
    const { id } = await letterlock.key.get()
    expect(await letterlock.key.revoke()).toMatchObject({ id })
    await expect.poll(() => letterlock.key.get().then(() => 'ok', (error: { code: string }) => error.code), { timeout: 5_000 }).toBe('revoked_key')
  },
}

function sendEmail() {
  return letterlock.emails.send({ from, to: 'ada@example.com', subject: 'Your order', text: 'It is on its way.' })
}

// The key is revoked last: nothing works after it.
test.each([...operationIds].sort((a, b) => Number(a === 'key.revoke') - Number(b === 'key.revoke')))('%s', async (id) => {
  called.delete(id)
  await calls[id]()
  expect(Object.keys(operations[id].answers).map(Number)).toContain(called.get(id))
}, 30_000)
