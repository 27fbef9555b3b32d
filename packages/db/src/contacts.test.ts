import { type EnvironmentId, type ListId, newId } from '@letterlock/contract'
import { afterAll, describe, expect, test } from 'vitest'
import type { Tx } from './connect.ts'
import * as contacts from './contacts.ts'
import * as lists from './lists.ts'
import * as meters from './meters.ts'
import * as suppressions from './suppressions.ts'
import { createTestDatabase } from './testing.ts'
import * as workspaces from './workspaces.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ max: 20, onQuery: (sql) => statements.add(sql) })
afterAll(drop)

const now = new Date('2026-11-22T09:30:00.000Z')
const later = new Date('2026-11-22T09:31:00.000Z')

function inTx<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().execute(work)
}

function item(address: string, more: Partial<contacts.ContactToSave> = {}): contacts.ContactToSave {
  return { email: address, emailKey: address.toLowerCase(), ...more }
}

function saving(items: contacts.ContactToSave[], more: Partial<contacts.ContactSaving> = {}): contacts.ContactSaving {
  return { items, onConflict: 'update', reference: newId('request'), source: 'api', ip: '192.0.2.1', now, ...more }
}

function save(environmentId: EnvironmentId, items: contacts.ContactToSave[], more: Partial<contacts.ContactSaving> = {}) {
  return inTx((tx) => contacts.saveContacts(tx, environmentId, saving(items, more)))
}

async function saveOne(environmentId: EnvironmentId, address: string, more: Partial<contacts.ContactToSave> = {}): Promise<contacts.Contact> {
  const [saved] = await save(environmentId, [item(address, more)])
  if (!saved || !('contact' in saved)) throw new Error(`not saved: ${saved?.outcome}`)
  return saved.contact
}

async function createList(environmentId: EnvironmentId, doubleOptIn = false): Promise<ListId> {
  const { id } = await inTx((tx) => lists.createList(tx, environmentId, { name: 'News', doubleOptIn, now }))
  return id
}

async function environmentWith(quotas: Record<string, number>): Promise<EnvironmentId> {
  const liveEnvironmentId = newId('environment')
  const ids = { id: newId('workspace'), liveEnvironmentId, testEnvironmentId: newId('environment') }
  await inTx((tx) => workspaces.insertWorkspace(tx, { ...ids, name: 'Acme', quotas, now }))
  return liveEnvironmentId
}

function outcomes(saved: readonly contacts.SavedContact[]) {
  return saved.map(({ outcome }) => outcome)
}

const consent = (environmentId: EnvironmentId) =>
  db.selectFrom('consent_events').select(['list_id', 'status', 'source', 'ip']).where('environment_id', '=', environmentId).orderBy('list_id').execute()

describe('saveContacts()', () => {
  test('creates a contact as it can be found afterwards', async () => {
    const environmentId = newId('environment')
    const listId = await createList(environmentId)
    const fields = { firstName: 'Ada', properties: { plan: 'pro', seats: 3, active: true }, listIds: [listId] }
    const contact = await saveOne(environmentId, 'Ada@x.test', fields)
    expect(contact).toEqual({
      id: expect.stringMatching(/^con_/), email: 'Ada@x.test', emailKey: 'ada@x.test', firstName: 'Ada', lastName: null,
      properties: fields.properties, lists: [{ id: listId, status: 'subscribed' }], suppressed: false, createdAt: now, updatedAt: now,
    })
    expect(await contacts.findContact(db, environmentId, { id: contact.id })).toEqual(contact)
    expect(await contacts.findContact(db, environmentId, { emailKey: 'ada@x.test' })).toEqual(contact)
  })

  test('answers a change as it can be found afterwards', async () => {
    const environmentId = newId('environment')
    const listId = await createList(environmentId)
    await inTx((tx) => suppressions.addSuppression(tx, environmentId, { emailKey: 'ada@x.test', origin: 'manual', now }))
    await saveOne(environmentId, 'ada@x.test', { firstName: 'Ada', properties: { plan: 'free', old: 1 }, listIds: [listId] })
    const [saved] = await save(environmentId, [item('ADA@x.test', { lastName: 'L', properties: { plan: 'pro', old: null } })], { now: later })
    expect(saved).toMatchObject({
      outcome: 'updated',
      contact: { email: 'ada@x.test', firstName: 'Ada', lastName: 'L', properties: { plan: 'pro' }, suppressed: true, createdAt: now, updatedAt: later },
    })
    expect(saved).toHaveProperty('contact', await contacts.findContact(db, environmentId, { emailKey: 'ada@x.test' }))
  })

  test('keeps environments apart', async () => {
    const [one, other] = [newId('environment'), newId('environment')]
    const listId = await createList(one)
    expect((await saveOne(one, 'ada@x.test')).id).not.toBe((await saveOne(other, 'ada@x.test')).id)
    expect(outcomes(await save(other, [item('bob@x.test', { listIds: [listId] })]))).toEqual(['unknown_list'])
    expect(await contacts.findContact(db, other, { emailKey: 'bob@x.test' })).toBeNull()
  })

  test('subscribes, waits for a confirmation where the list wants one, and writes down both', async () => {
    const environmentId = newId('environment')
    const [open, closed] = [await createList(environmentId), await createList(environmentId, true)]
    const contact = await saveOne(environmentId, 'ada@x.test', { listIds: [open, closed, open] })
    const expected = [{ id: open, status: 'subscribed' }, { id: closed, status: 'unconfirmed' }]
    expect(contact.lists).toEqual(expected)
    expect(await consent(environmentId)).toEqual(
      expected.map(({ id, status }) => ({ list_id: id, status, source: 'api', ip: '192.0.2.1' })),
    )
  })

  test('never subscribes again someone who unsubscribed', async () => {
    const environmentId = newId('environment')
    const listId = await createList(environmentId)
    await saveOne(environmentId, 'ada@x.test', { listIds: [listId] })
    await db.updateTable('list_members').set({ status: 'unsubscribed' }).where('environment_id', '=', environmentId).execute()
    const again = await saveOne(environmentId, 'ada@x.test', { listIds: [listId] })
    expect(again.lists).toEqual([{ id: listId, status: 'unsubscribed' }])
    expect(await consent(environmentId)).toHaveLength(1)
  })

  test('takes places of the quota in the order of the items, and deleteContact() gives them back', async () => {
    const environmentId = await environmentWith({ 'contacts.stored': 3 })
    await saveOne(environmentId, 'a@x.test')
    const items = ['b@x.test', 'a@x.test', 'c@x.test', 'd@x.test'].map((address) => item(address))
    const saved = await save(environmentId, items)
    expect(outcomes(saved)).toEqual(['created', 'updated', 'created', 'quota_exceeded'])
    expect(saved[3]).toEqual({ outcome: 'quota_exceeded', limit: 3 })
    expect(outcomes(await save(environmentId, [item('d@x.test')]))).toEqual(['quota_exceeded'])
    const deletion = { name: { emailKey: 'a@x.test' }, reference: newId('request'), now }
    expect(await inTx((tx) => contacts.deleteContact(tx, environmentId, deletion))).toBe(true)
    expect(outcomes(await save(environmentId, [item('d@x.test')]))).toEqual(['created'])
    expect(await meters.findUsed(db, environmentId, { meter: 'contacts.stored', now })).toBe(3)
  })

  test('sends the same statements for one item and for a thousand', async () => {
    const environmentId = newId('environment')
    const count = async (addresses: string[]) => {
      let sent = 0
      const counted = await createTestDatabase({ onQuery: () => sent++ })
      await counted.db.transaction().execute((tx) =>
        contacts.saveContacts(tx, environmentId, saving(addresses.map((address) => item(address)))),
      )
      await counted.drop()
      return sent
    }
    const thousand = Array.from({ length: 1_000 }, (_, index) => `${index}@x.test`)
    expect(await count(thousand)).toBe(await count(['a@x.test', 'b@x.test']))
  })

  test('of 50 at once creates an address once, and the others change it', async () => {
    const environmentId = await environmentWith({ 'contacts.stored': 100 })
    const saved = await Promise.all(
      Array.from({ length: 50 }, (_, index) => save(environmentId, [item('ada@x.test', { properties: { [`p${index}`]: index } })])),
    )
    expect(outcomes(saved.flat()).filter((outcome) => outcome === 'created')).toHaveLength(1)
    const contact = await contacts.findContact(db, environmentId, { emailKey: 'ada@x.test' })
    expect(Object.keys(contact?.properties ?? {})).toHaveLength(50)
    expect(await meters.findUsed(db, environmentId, { meter: 'contacts.stored', now })).toBe(1)
  })

  test('of overlapping batches in any order, beside renames, deletions and upserts, neither deadlocks nor loses count', async () => {
    const environmentId = await environmentWith({ 'contacts.stored': 1_000 })
    const listId = await createList(environmentId)
    const address = (index: number) => `${(index * 37) % 60}@x.test`
    const batch = (from: number, step: number) =>
      Array.from({ length: 40 }, (_, index) => item(address(from + index * step), { listIds: [listId], properties: { from } }))
    const turns = Array.from({ length: 24 }, (_, turn) => [
      save(environmentId, batch(turn, turn % 2 ? 1 : 59)),
      save(environmentId, [item(address(turn), { listIds: [listId], lastName: String(turn) })]),
      inTx((tx) => contacts.deleteContact(tx, environmentId, { name: { emailKey: address(turn * 3) }, reference: newId('request'), now })),
      inTx((tx) => contacts.updateContact(tx, environmentId, {
        name: { emailKey: address(turn * 5) },
        changes: { email: { email: address(turn * 7), emailKey: address(turn * 7) } },
        now,
      })),
      inTx(async (tx) => {
        const page = await contacts.listContacts(tx, environmentId, { limit: 50 })
        const contactIds = page.map(({ id }) => id)
        await (turn % 2 ? lists.removeContacts : lists.addContacts)(tx, environmentId, { listId, contactIds, source: 'api', ip: null, now })
      }),
    ])
    await Promise.all(turns.flat())
    const { count } = await db
      .selectFrom('contacts').select(({ fn }) => fn.countAll<number>().as('count')).where('environment_id', '=', environmentId).executeTakeFirstOrThrow()
    expect(await meters.findUsed(db, environmentId, { meter: 'contacts.stored', now })).toBe(count)
  }, 60_000)
})

describe('updateContact()', () => {
  const update = (environmentId: EnvironmentId, name: contacts.ContactName, changes: Parameters<typeof contacts.updateContact>[2]['changes']) =>
    inTx((tx) => contacts.updateContact(tx, environmentId, { name, changes, now: later }))

  test('changes what is given, removes what is null, keeps the rest', async () => {
    const environmentId = newId('environment')
    const contact = await saveOne(environmentId, 'ada@x.test', { firstName: 'Ada', lastName: 'L', properties: { plan: 'pro', seats: 3 } })
    const updated = await update(environmentId, { id: contact.id }, { firstName: null, properties: { plan: null, age: 36 } })
    expect(updated).toEqual({
      state: 'updated',
      contact: { ...contact, firstName: null, properties: { seats: 3, age: 36 }, updatedAt: later },
    })
  })

  test('leaves the time of a contact that stays the same', async () => {
    const environmentId = newId('environment')
    const contact = await saveOne(environmentId, 'ada@x.test', { firstName: 'Ada' })
    expect(await update(environmentId, { id: contact.id }, { firstName: 'Ada' })).toEqual({ state: 'updated', contact })
  })

  test('renames, and refuses the address of another contact', async () => {
    const environmentId = newId('environment')
    const contact = await saveOne(environmentId, 'ada@x.test')
    const other = await saveOne(environmentId, 'bob@x.test')
    const email = (address: string) => ({ email: { email: address, emailKey: address.toLowerCase() } })
    expect(await update(environmentId, { id: contact.id }, email('BOB@x.test'))).toEqual({ state: 'taken', existing: other })
    expect(await update(environmentId, { id: contact.id }, email('ADA@x.test'))).toMatchObject({ contact: { email: 'ADA@x.test', id: contact.id } })
    expect(await update(environmentId, { id: contact.id }, email('eve@x.test'))).toMatchObject({ contact: { emailKey: 'eve@x.test' } })
    expect(await contacts.findContact(db, environmentId, { emailKey: 'ada@x.test' })).toBeNull()
  })

  test('refuses more than 100 properties', async () => {
    const environmentId = newId('environment')
    const properties = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`p${index}`, index]))
    const { id } = await saveOne(environmentId, 'ada@x.test', { properties })
    expect(await update(environmentId, { id }, { properties: { more: 1 } })).toEqual({ state: 'too_many_properties' })
  })

  test('finds nothing in another environment', async () => {
    const { id } = await saveOne(newId('environment'), 'ada@x.test')
    expect(await update(newId('environment'), { id }, { firstName: 'Eve' })).toEqual({ state: 'not_found' })
  })
})

test('deleteContact() deletes memberships too, keeps what was agreed, and finds nothing the second time', async () => {
  const environmentId = newId('environment')
  const listId = await createList(environmentId)
  const { id } = await saveOne(environmentId, 'ada@x.test', { listIds: [listId] })
  const remove = (environment: EnvironmentId) =>
    inTx((tx) => contacts.deleteContact(tx, environment, { name: { id }, reference: newId('request'), now }))
  expect([await remove(newId('environment')), await remove(environmentId), await remove(environmentId)]).toEqual([false, true, false])
  expect(await db.selectFrom('list_members').selectAll().where('environment_id', '=', environmentId).execute()).toEqual([])
  expect(await consent(environmentId)).toHaveLength(1)
})

describe('listContacts()', () => {
  test('goes from new to old, below a cursor', async () => {
    const environmentId = newId('environment')
    await save(environmentId, ['a@x.test', 'b@x.test', 'c@x.test'].map((address) => item(address)))
    const first = await contacts.listContacts(db, environmentId, { limit: 2 })
    expect(first.map(({ email }) => email)).toEqual(['c@x.test', 'b@x.test'])
    const next = await contacts.listContacts(db, environmentId, { limit: 2, before: first[1]?.id })
    expect(next.map(({ email }) => email)).toEqual(['a@x.test'])
  })

  test('filters by address, list, status and time of change', async () => {
    const environmentId = newId('environment')
    const [open, closed] = [await createList(environmentId), await createList(environmentId, true)]
    await save(environmentId, [item('a@x.test', { listIds: [open] }), item('b@x.test', { listIds: [open, closed] }), item('c@x.test')])
    await save(environmentId, [item('c@x.test', { firstName: 'C' })], { now: later })
    const found = async (filter: contacts.ContactFilter) =>
      (await contacts.listContacts(db, environmentId, { ...filter, limit: 10 })).map(({ email }) => email[0]).join('')
    expect(await found({ emailKey: 'b@x.test' })).toBe('b')
    expect(await found({ listId: open })).toBe('ba')
    expect(await found({ listId: open, status: 'unconfirmed' })).toBe('')
    expect(await found({ listId: closed, status: 'unconfirmed' })).toBe('b')
    expect(await found({ status: 'unconfirmed' })).toBe('b')
    expect(await found({ status: 'subscribed' })).toBe('ba')
    expect(await found({ updatedSince: later })).toBe('c')
    expect(await found({ listId: newId('list') })).toBe('')
  })
})

test('listSuppressedKeys() answers only what is suppressed here', async () => {
  const environmentId = newId('environment')
  const suppress = () => inTx((tx) => suppressions.addSuppression(tx, environmentId, { emailKey: 'a@x.test', origin: 'bounce', now }))
  expect([await suppress(), await suppress()]).toEqual([true, false])
  expect(await suppressions.listSuppressedKeys(db, environmentId, ['a@x.test', 'b@x.test'])).toEqual(new Set(['a@x.test']))
  expect(await suppressions.listSuppressedKeys(db, newId('environment'), ['a@x.test'])).toEqual(new Set())
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => /contacts c|into contacts|"contacts"|from contacts|suppressions/.test(sql))
  const lines = ours.map((sql) => sql.replace(/\s+/g, ' ').trim()).sort()
  await expect(`${lines.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/contacts.sql')
})
