import { connect, type Db } from '@letterlock/db'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
let db: Db
beforeAll(async () => {
  server = await startTestServer()
  db = connect({ connectionString: server.connectionString, max: 1, applicationName: 'test' })
})
afterAll(async () => {
  await db.destroy()
  await server.stop()
})

let count = 0
const newEmail = () => `Contact${++count}@example.com`
const noSuchList = `lst_${'0'.repeat(26)}`
const call: TestServer['call'] = (...parameters) => server.call(...parameters)

/** Properties of exactly so many bytes of JSON, with values in two-byte characters. */
function large(bytes: number): Record<string, string> {
  const properties: Record<string, string> = {}
  const left = () => bytes - Buffer.byteLength(JSON.stringify(properties))
  for (let index = 0; left() > 2_100; index++) properties[`p${index}`] = 'é'.repeat(1_000)
  properties['rest'] = ''
  const rest = left()
  properties['rest'] = 'é'.repeat(Math.floor(rest / 2)) + 'x'.repeat(rest % 2)
  expect(left()).toBe(0)
  return properties
}

async function create(path: string, body: object) {
  const answer = await server.call('POST', path, { body })
  expect(answer.status).toBe(201)
  return answer.body
}

/** Sets how many contacts the test environment (whose key no other test uses) may store, while `work` runs. */
async function withQuota(amount: number, work: (key: string) => Promise<void>) {
  const { environmentId } = (await server.call('GET', '/key', { key: server.testKey })).body
  await db.insertInto('quotas').values({ environment_id: environmentId, meter: 'contacts.stored', amount }).execute()
  try {
    await work(server.testKey)
  } finally {
    await db.deleteFrom('quotas').execute()
  }
}

describe('POST /contacts', () => {
  test('201 with the contact, its address with the case of its name and a lower-case domain', async () => {
    const list = await create('/lists', { name: 'News', doubleOptIn: true })
    const body = { email: 'Ada@Example.COM', firstName: 'Ada', properties: { plan: 'pro', seats: 3 }, listIds: [list.id] }
    const answer = await call('POST', '/contacts', { body })
    expect(answer.status).toBe(201)
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^con_/), email: 'Ada@example.com', firstName: 'Ada', properties: body.properties,
      lists: [{ id: list.id, status: 'unconfirmed' }], suppressed: false, createdAt: time, updatedAt: time,
    })
    expect((await call('GET', `/contacts/${answer.body.id}`)).body).toEqual(answer.body)
    expect((await call('GET', '/contacts/ADA@example.com')).body).toEqual(answer.body)
  })

  test('409 already_exists with the existing contact, whatever the case of the address', async () => {
    const contact = await create('/contacts', { email: newEmail() })
    const answer = await call('POST', '/contacts', { body: { email: contact.email.toUpperCase() } })
    expect(answer).toMatchObject({ status: 409, body: { code: 'already_exists', existing: contact } })
  })

  test('400 at the place of an address that mail cannot reach', async () => {
    const answer = await call('POST', '/contacts', { body: { email: 'ada@localhost' } })
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', issues: [{ path: 'email' }] } })
  })

  test('404 for a list that is not there, and no contact is left behind', async () => {
    const email = newEmail()
    expect(await call('POST', '/contacts', { body: { email, listIds: [noSuchList] } })).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect((await call('GET', `/contacts/${email}`)).status).toBe(404)
  })

  test('429 quota_exceeded with the meter and its limit', async () => {
    await withQuota(0, async (key) => {
      const answer = await call('POST', '/contacts', { key, body: { email: newEmail() } })
      expect(answer).toMatchObject({ status: 429, body: { code: 'quota_exceeded', meter: 'contacts.stored', limit: 0 } })
    })
  })
})

describe('PATCH /contacts/{idOrEmail}', () => {
  test('200: absent fields stay, null removes', async () => {
    const contact = await create('/contacts', { email: newEmail(), firstName: 'Ada', lastName: 'L', properties: { plan: 'pro', seats: 3 } })
    const answer = await call('PATCH', `/contacts/${contact.email}`, { body: { lastName: null, properties: { seats: null } } })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ id: contact.id, firstName: 'Ada', properties: { plan: 'pro' } })
    expect(answer.body).not.toHaveProperty('lastName')
  })

  test('409 already_exists for the address of another contact', async () => {
    const [contact, other] = [await create('/contacts', { email: newEmail() }), await create('/contacts', { email: newEmail() })]
    const answer = await call('PATCH', `/contacts/${contact.id}`, { body: { email: other.email } })
    expect(answer).toMatchObject({ status: 409, body: { code: 'already_exists', existing: other } })
  })

  test('400 for the 101st property, 404 for nobody', async () => {
    const properties = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`p${index}`, index]))
    const { id } = await create('/contacts', { email: newEmail(), properties })
    const answer = await call('PATCH', `/contacts/${id}`, { body: { properties: { more: 1 } } })
    expect(answer).toMatchObject({ status: 400, body: { issues: [{ path: 'properties' }] } })
    expect((await call('PATCH', '/contacts/nobody@example.com', { body: { firstName: 'N' } })).status).toBe(404)
  })
})

test('properties may have 16,384 bytes of JSON in all, 400 beyond', async () => {
  const [fits, tooMuch] = [large(16_384), large(16_385)]
  const email = newEmail()
  const refused = { status: 400, body: { code: 'invalid_request', issues: [{ path: 'properties' }] } }
  expect(await call('POST', '/contacts', { body: { email, properties: tooMuch } })).toMatchObject(refused)
  expect(await call('PUT', `/contacts/${email}`, { body: { properties: tooMuch } })).toMatchObject(refused)
  expect((await create('/contacts', { email, properties: fits })).properties).toEqual(fits)
  expect(await call('PATCH', `/contacts/${email}`, { body: { properties: { more: 1 } } })).toMatchObject(refused)
  expect(await call('PUT', `/contacts/${email}`, { body: { properties: { more: 1 } } })).toMatchObject(refused)
  expect(await call('PATCH', `/contacts/${email}`, { body: { lastName: 'L', properties: { p0: null } } })).toMatchObject({ status: 200 })
})

test('PUT /contacts/{email} answers 201 for a new contact, then 200', async () => {
  const path = `/contacts/${newEmail()}`
  const first = await call('PUT', path, { body: { firstName: 'Ada' } })
  const second = await call('PUT', path, { body: { properties: { plan: 'pro' } } })
  expect([first.status, second.status]).toEqual([201, 200])
  expect(second.body).toMatchObject({ id: first.body.id, firstName: 'Ada', properties: { plan: 'pro' } })
})

test('PUT /contacts/{email} of 20 at once answers 201 once', async () => {
  const path = `/contacts/${newEmail()}`
  const answers = await Promise.all(Array.from({ length: 20 }, () => call('PUT', path, { body: {} })))
  expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(19).fill(200), 201])
})

test('DELETE /contacts/{idOrEmail} answers 204, then 404', async () => {
  const { id } = await create('/contacts', { email: newEmail() })
  const first = await call('DELETE', `/contacts/${id}`)
  expect([first.status, first.text]).toEqual([204, ''])
  expect((await call('DELETE', `/contacts/${id}`)).status).toBe(404)
})

describe('POST /contacts/batch', () => {
  test('answers each item in its place: created, changed, refused', async () => {
    const known = await create('/contacts', { email: newEmail() })
    const email = newEmail()
    const items = [
      { email, firstName: 'A' }, { email: 'b@localhost' }, { email: known.email, firstName: 'K' },
      { email: newEmail(), listIds: [noSuchList] }, { email: email.toUpperCase(), lastName: 'B' },
    ]
    const { status, body } = await call('POST', '/contacts/batch', { body: { contacts: items } })
    expect(status).toBe(200)
    expect(body.data.map((item: { status: number }) => item.status)).toEqual([201, 400, 200, 404, 200])
    expect(body.data[0].contact).toMatchObject({ firstName: 'A', lastName: 'B' })
    expect(body.data[1].error).toMatchObject({ code: 'invalid_request', issues: [{ path: 'contacts.1.email' }] })
    expect(body.data[2].contact).toMatchObject({ id: known.id, firstName: 'K' })
    expect(body.data[3].error).toMatchObject({ code: 'not_found' })
    expect(body.data[3].error).not.toHaveProperty('requestId')
    expect(body.data[4].contact).toEqual(body.data[0].contact)
  })

  test('skips or fails what is known when asked to', async () => {
    const known = await create('/contacts', { email: newEmail(), firstName: 'K' })
    const batch = (onConflict: string) => call('POST', '/contacts/batch', { body: { onConflict, contacts: [{ email: known.email, firstName: 'X' }] } })
    const { properties: _properties, lists: _lists, ...summary } = known
    expect((await batch('skip')).body.data).toEqual([{ status: 200, contact: summary }])
    const [failed] = (await batch('fail')).body.data
    expect(failed).toMatchObject({ status: 409, error: { code: 'already_exists' } })
    expect(failed.error.existing).toEqual({ id: known.id })
  })

  test.each(['update', 'skip', 'fail'])('answers little about a contact that is large and comes 1,000 times (%s)', async (onConflict) => {
    const email = newEmail()
    await create('/contacts', { email, properties: large(16_384) })
    const answer = await call('POST', '/contacts/batch', { body: { onConflict, contacts: Array(1_000).fill({ email }) } })
    expect(answer.status).toBe(200)
    expect(answer.text.length).toBeLessThan(500_000)
  })

  test('400 for the one item whose properties are too large, what the contact has included', async () => {
    const email = newEmail()
    const contacts = [
      { email, properties: large(16_384) }, { email: newEmail(), properties: large(16_385) }, { email, properties: { more: 1 } },
      { email, lastName: 'L', properties: { p0: 'short', more: 1 } },
    ]
    const { status, body } = await call('POST', '/contacts/batch', { body: { contacts } })
    expect(status).toBe(200)
    expect(body.data.map((item: { status: number }) => item.status)).toEqual([201, 400, 400, 200])
    expect(body.data[1].error.issues).toMatchObject([{ path: 'contacts.1.properties' }])
    expect(body.data[2].error.issues).toMatchObject([{ path: 'contacts.2.properties' }])
  })

  test('gives what is left of the quota to the first items', async () => {
    await withQuota(2, async (key) => {
      const contacts = [newEmail(), newEmail(), newEmail()].map((email) => ({ email }))
      const { body } = await call('POST', '/contacts/batch', { key, body: { contacts } })
      expect(body.data.map((item: { status: number }) => item.status)).toEqual([201, 201, 429])
      expect(body.data[2].error).toMatchObject({ code: 'quota_exceeded', meter: 'contacts.stored', limit: 2 })
    })
  })
})

describe('GET /contacts', () => {
  test('pages through a list, and through nothing that came in between', async () => {
    const list = await create('/lists', { name: 'Pages' })
    const contacts = Array.from({ length: 5 }, () => ({ email: newEmail(), listIds: [list.id] }))
    await call('POST', '/contacts/batch', { body: { contacts } })
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await call('GET', `/contacts?listId=${list.id}&status=subscribed&limit=2${cursor && `&cursor=${cursor}`}`)
      seen.push(...body.data.map((contact: { email: string }) => contact.email))
      expect(body.hasMore).toBe(body.nextCursor !== null)
      cursor = body.nextCursor
      await create('/contacts', { email: newEmail(), listIds: [list.id] })
    }
    expect(seen).toEqual(contacts.map(({ email }) => email).reverse())
  })

  test('400 for a forged cursor and an address that cannot be', async () => {
    expect(await call('GET', '/contacts?cursor=forged')).toMatchObject({ status: 400, body: { issues: [{ path: 'cursor' }] } })
    expect(await call('GET', '/contacts?email=ada@localhost')).toMatchObject({ status: 400, body: { issues: [{ path: 'email' }] } })
  })
})

describe('lists', () => {
  test('are created, read, changed and deleted', async () => {
    const list = await create('/lists', { name: 'News', description: 'Monthly' })
    expect(list).toMatchObject({ name: 'News', description: 'Monthly', doubleOptIn: false, visibility: 'private', contactCount: 0 })
    expect(await call('GET', `/lists/${list.id}`)).toMatchObject({ status: 200, body: list })
    const changed = await call('PATCH', `/lists/${list.id}`, { body: { description: null, visibility: 'public' } })
    expect(changed).toMatchObject({ status: 200, body: { name: 'News', visibility: 'public' } })
    expect(changed.body).not.toHaveProperty('description')
    expect((await call('GET', '/lists?limit=1')).body).toMatchObject({ data: [{ id: list.id }] })
    expect((await call('DELETE', `/lists/${list.id}`)).status).toBe(204)
    expect((await call('GET', `/lists/${list.id}`)).status).toBe(404)
    expect((await call('PATCH', `/lists/${list.id}`, { body: { name: 'N' } })).status).toBe(404)
    expect((await call('DELETE', `/lists/${list.id}`)).status).toBe(404)
  })

  test('409 invalid_state for one that a campaign is being sent to', async () => {
    const { id } = await create('/lists', { name: 'Busy' })
    const campaign = await create('/campaigns', { name: 'C', subject: 'S', html: '<p>H</p>', from: 'a@example.com', listIds: [id] })
    await db.updateTable('campaigns').set({ status: 'paused', pause_reason: 'user' }).where('id', '=', campaign.id).execute()
    expect(await call('DELETE', `/lists/${id}`)).toMatchObject({ status: 409, body: { code: 'invalid_state' } })
  })

  test('add and remove contacts, and say who was refused', async () => {
    const { id } = await create('/lists', { name: 'News' })
    const contact = await create('/contacts', { email: newEmail() })
    const contactIds = [contact.id, `con_${'0'.repeat(26)}`]
    const refused = [{ contactId: contactIds[1], code: 'not_found' }]
    expect((await call('POST', `/lists/${id}/contacts`, { body: { contactIds } })).body).toEqual({ added: 1, alreadyThere: 0, refused })
    expect((await call('POST', `/lists/${id}/contacts`, { body: { contactIds } })).body).toEqual({ added: 0, alreadyThere: 1, refused })
    expect((await call('GET', `/lists/${id}`)).body.contactCount).toBe(1)
    expect((await call('DELETE', `/lists/${id}/contacts`, { body: { contactIds } })).body).toEqual({ removed: 1 })
    expect((await call('POST', `/lists/${noSuchList}/contacts`, { body: { contactIds } })).status).toBe(404)
    expect((await call('DELETE', `/lists/${noSuchList}/contacts`, { body: { contactIds } })).status).toBe(404)
  })
})

describe('GET /usage', () => {
  test('200 with every meter of the running month', async () => {
    const { status, body } = await call('GET', '/usage')
    expect(status).toBe(200)
    expect(body.data.map(({ meter }: { meter: string }) => meter)).toEqual(['api.requests', 'contacts.stored', 'emails.sent'])
    expect(body.data[1].used).toBeGreaterThan(0)
    expect(body.from).toMatch(/-01T00:00:00\.000Z$/)
  })

  test('400 for a time that ends before it begins, or is longer than 400 days', async () => {
    for (const span of ['from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z', 'from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z']) {
      expect(await call('GET', `/usage?${span}`)).toMatchObject({ status: 400, body: { issues: [{ path: 'from' }] } })
    }
  })
})
