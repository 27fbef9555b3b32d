import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  for (const [key, type] of Object.entries({ plan: 'string', seats: 'number', vip: 'boolean', born: 'date' })) await declare({ key, type })
})
afterAll(() => server.stop())

let count = 0
const newEmail = () => `property${++count}@example.com`
const call: TestServer['call'] = (...parameters) => server.call(...parameters)
const declare = (body: object) => call('POST', '/properties', { body })

const issue = (path: string, message: string) => ({ status: 400, body: { code: 'invalid_request', issues: [{ path, message: expect.stringContaining(message) }] } })

describe('POST /properties', () => {
  test('201 with the declaration, which GET answers again', async () => {
    const answer = await declare({ key: 'city', type: 'string', description: 'Where he lives', fallback: 'your city' })
    const time = expect.stringMatching(/Z$/)
    expect(answer).toMatchObject({ status: 201, body: { key: 'city', type: 'string', description: 'Where he lives', fallback: 'your city', archived: false, createdAt: time } })
    expect((await call('GET', '/properties/city')).body).toEqual(answer.body)
    expect((await call('GET', '/properties?limit=1')).body.data).toEqual([answer.body])
  })

  test('409 already_exists with the existing one, also for another type', async () => {
    const existing = (await call('GET', '/properties/plan')).body
    expect(await declare({ key: 'plan', type: 'number' })).toMatchObject({ status: 409, body: { code: 'already_exists', existing } })
  })

  test.each([
    ['a key that is none', { key: 'a.b', type: 'string' }, 'key'],
    ['a type that is none', { key: 'x', type: 'list' }, 'type'],
    ['a fallback of another type', { key: 'x', type: 'number', fallback: 'many' }, 'fallback'],
    ['a fallback that is no date', { key: 'x', type: 'date', fallback: '2026-02-30' }, 'fallback'],
  ])('400 at the place of %s', async (_, body, path) => {
    expect(await declare(body)).toMatchObject({ status: 400, body: { issues: [{ path }] } })
  })

  test('409 invalid_state when all places are taken', async () => {
    const { status, body } = await call('GET', '/key', { key: server.testKey })
    expect(status).toBe(200)
    for (let from = 0; from < 250; from += 25) {
      await Promise.all(Array.from({ length: 25 }, (_, i) => call('POST', '/properties', { key: server.testKey, body: { key: `p${from + i}`, type: 'string' } })))
    }
    const answer = await call('POST', '/properties', { key: server.testKey, body: { key: 'more', type: 'string' } })
    expect(answer, body.name).toMatchObject({ status: 409, body: { code: 'invalid_state' } })
  }, 60_000)
})

describe('GET and PATCH /properties/{key}', () => {
  test('404 for what is not declared', async () => {
    for (const method of ['GET', 'PATCH']) {
      expect(await call(method, '/properties/nothing', method === 'PATCH' ? { body: {} } : {})).toMatchObject({ status: 404, body: { code: 'not_found' } })
    }
  })

  test('200 with the changes; null removes, and the type cannot be changed', async () => {
    await declare({ key: 'colour', type: 'string', fallback: 'red', description: 'd' })
    const changed = await call('PATCH', '/properties/colour', { body: { fallback: null, description: 'Favourite' } })
    expect(changed).toMatchObject({ status: 200, body: { description: 'Favourite' } })
    expect(changed.body).not.toHaveProperty('fallback')
    expect(await call('PATCH', '/properties/colour', { body: { type: 'number' } })).toMatchObject({ status: 400, body: { issues: [{ path: 'type' }] } })
    expect(await call('PATCH', '/properties/colour', { body: { fallback: 7 } })).toMatchObject(issue('fallback', 'expected a string'))
  })

  test('an archived one takes no values, keeps those there are, and can be taken back', async () => {
    await declare({ key: 'shoe', type: 'number' })
    const email = newEmail()
    await call('POST', '/contacts', { body: { email, properties: { shoe: 43 } } })
    expect(await call('PATCH', '/properties/shoe', { body: { archived: true } })).toMatchObject({ body: { archived: true } })
    expect(await call('PATCH', `/contacts/${email}`, { body: { properties: { shoe: 44 } } })).toMatchObject(issue('properties.shoe', 'archived'))
    expect((await call('GET', `/contacts/${email}`)).body.properties).toEqual({ shoe: 43 })
    await call('PATCH', '/properties/shoe', { body: { archived: false } })
    expect(await call('PATCH', `/contacts/${email}`, { body: { properties: { shoe: 44 } } })).toMatchObject({ status: 200, body: { properties: { shoe: 44 } } })
  })
})

describe('contacts where properties are declared', () => {
  const fitting = { plan: 'pro', seats: 3.5, vip: false, born: '1815-12-10' }

  test('take values of the declared types', async () => {
    expect(await call('POST', '/contacts', { body: { email: newEmail(), properties: fitting } })).toMatchObject({ status: 201, body: { properties: fitting } })
  })

  const misfits: [what: string, properties: object, path: string, message: string][] = [
    ['an unknown property, with the nearest', { plam: 'pro' }, 'properties.plam', 'did you mean plan?'],
    ['an unknown property without a near one', { shippingAddressOfTheCompany: 'x' }, 'properties.shippingAddressOfTheCompany', 'POST /properties'],
    ['a property named like a member of objects', { constructor: 'x' }, 'properties.constructor', 'no such property'],
    ['a number for a string', { plan: 1 }, 'properties.plan', 'expected a string'],
    ['a string for a number', { seats: '3' }, 'properties.seats', 'expected a number'],
    ['a number for a boolean', { vip: 1 }, 'properties.vip', 'expected true or false'],
    ['a number for a date', { born: 1815 }, 'properties.born', 'expected a date'],
    ['a day that is none', { born: '2026-02-30' }, 'properties.born', 'expected a date'],
    ['a time without an offset', { born: '2026-02-03T10:00:00' }, 'properties.born', 'expected a date'],
  ]
  test.each(misfits)('refuse %s by its path, whatever the call, and nothing is saved', async (...[, properties, path, message]) => {
    const [known, unknown] = [newEmail(), newEmail()]
    await call('POST', '/contacts', { body: { email: known, properties: fitting } })
    expect(await call('POST', '/contacts', { body: { email: unknown, properties } })).toMatchObject(issue(path, message))
    expect(await call('PUT', `/contacts/${unknown}`, { body: { properties } })).toMatchObject(issue(path, message))
    expect(await call('PUT', `/contacts/${known}`, { body: { properties } })).toMatchObject(issue(path, message))
    expect(await call('PATCH', `/contacts/${known}`, { body: { firstName: 'X', properties } })).toMatchObject(issue(path, message))
    expect((await call('GET', `/contacts/${unknown}`)).status).toBe(404)
    const kept = (await call('GET', `/contacts/${known}`)).body
    expect(kept.properties).toEqual(fitting)
    expect(kept).not.toHaveProperty('firstName')
  })

  test('take a time with an offset for a date, and null for what is not declared', async () => {
    const email = newEmail()
    expect(await call('PUT', `/contacts/${email}`, { body: { properties: { born: '2026-11-22T09:30:00+01:00', unheardOf: null } } })).toMatchObject({ status: 201 })
    expect(await call('PATCH', `/contacts/${email}`, { body: { properties: { born: null } } })).toMatchObject({ status: 200, body: { properties: {} } })
  })

  test('name each misfit of one contact', async () => {
    const answer = await call('POST', '/contacts', { body: { email: newEmail(), properties: { plan: 1, seats: 2, vip: 'x' } } })
    expect(answer.body.issues.map((each: { path: string }) => each.path)).toEqual(['properties.plan', 'properties.vip'])
  })

  test('are refused one by one in a batch, in order, with their place in the body', async () => {
    const emails = [newEmail(), newEmail(), newEmail()]
    const contacts = emails.map((email, i) => ({ email, properties: i === 1 ? { plam: 'x' } : { plan: 'pro' } }))
    const { body } = await call('POST', '/contacts/batch', { body: { contacts } })
    expect(body.data.map(({ status }: { status: number }) => status)).toEqual([201, 400, 201])
    expect(body.data[1].error.issues).toEqual([{ path: 'contacts.1.properties.plam', message: expect.stringContaining('plan') }])
    const stored = await Promise.all(emails.map(async (email) => (await call('GET', `/contacts/${email}`)).status))
    expect(stored).toEqual([200, 404, 200])
  })
})

describe('GET /contacts?property=', () => {
  const find = async (filter: string, more = '') => {
    const answer = await call('GET', `/contacts?property=${encodeURIComponent(filter)}${more}`)
    return { ...answer, emails: answer.body.data?.map(({ email }: { email: string }) => email) }
  }

  test('finds contacts by the value as it is declared, newest first and page by page', async () => {
    const emails = [newEmail(), newEmail(), newEmail()]
    const values = { plan: `plan:${count} "x"`, seats: 1_000 + count, born: '2001-02-03' }
    for (const email of emails) await call('POST', '/contacts', { body: { email, properties: values } })
    await call('POST', '/contacts', { body: { email: newEmail(), properties: { plan: 'other' } } })
    emails.reverse()
    for (const [key, value] of Object.entries(values)) expect((await find(`${key}:${value}`)).emails, key).toEqual(emails)
    const first = await find(`seats:${values.seats}.0`, '&limit=2')
    expect(first.emails).toEqual(emails.slice(0, 2))
    expect((await find(`seats:${values.seats}`, `&limit=2&cursor=${first.body.nextCursor}`)).emails).toEqual(emails.slice(2))
    expect((await find('plan:nobody has it')).emails).toEqual([])
    expect((await find('vip:true')).emails).toEqual([])
  })

  test.each([
    ['plam:pro', 'did you mean plan?'], ['seats:0x10', 'expected a number'], ['seats:', 'expected a number'], ['vip:1', 'expected true or false'], ['plan', 'a colon'],
  ])('400 for %s with what was expected', async (filter, message) => {
    expect(await find(filter)).toMatchObject(issue('property', message))
  })
})

test('an environment that declares nothing takes properties as they come, until it declares one', async () => {
  const made = await server.manage('workspaces.create', { name: 'Free' })
  const { workspace } = made.body.result.data
  const { body } = await server.manage('keys.create', { workspaceId: workspace.id, mode: 'live', name: 'k', scopes: ['contacts:read', 'contacts:write', 'properties:write'] })
  const key = body.result.data.secret
  const save = () => call('PUT', '/contacts/free@example.com', { key, body: { properties: { anything: Math.trunc(++count) } } })
  expect((await save()).status).toBe(201)
  expect((await call('POST', '/properties', { key, body: { key: 'plan', type: 'string' } })).status).toBe(201)
  expect(await save()).toMatchObject(issue('properties.anything', 'no such property'))
})
