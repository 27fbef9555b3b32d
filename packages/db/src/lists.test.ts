import { type ContactId, type EnvironmentId, newId } from '@letterlock/contract'
import { sql } from 'kysely'
import { afterAll, describe, expect, test } from 'vitest'
import type { Db, Tx } from './connect.ts'
import * as contacts from './contacts.ts'
import * as lists from './lists.ts'
import { createTestDatabase } from './testing.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ max: 20, onQuery: (sql) => statements.add(sql) })
afterAll(drop)

const now = new Date('2026-11-22T09:30:00.000Z')
const later = new Date('2026-11-22T09:31:00.000Z')
const origin = { source: 'api', ip: '192.0.2.1', now }

function inTx<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().execute(work)
}

function createList(environmentId: EnvironmentId, more: Partial<Parameters<typeof lists.createList>[2]> = {}) {
  return inTx((tx) => lists.createList(tx, environmentId, { name: 'News', now, ...more }))
}

async function createContacts(environmentId: EnvironmentId, count: number): Promise<ContactId[]> {
  const items = Array.from({ length: count }, (_, index) => ({ email: `${index}@x.test`, emailKey: `${index}@x.test` }))
  const saving = { items, onConflict: 'fail', reference: newId('request'), ...origin } as const
  const saved = await inTx((tx) => contacts.saveContacts(tx, environmentId, saving))
  return saved.flatMap((outcome) => ('contact' in outcome ? outcome.contact.id : []))
}

const add = (environmentId: EnvironmentId, listId: lists.List['id'], contactIds: ContactId[]) =>
  inTx((tx) => lists.addContacts(tx, environmentId, { listId, contactIds, ...origin }))

const remove = (environmentId: EnvironmentId, listId: lists.List['id'], contactIds: ContactId[]) =>
  inTx((tx) => lists.removeContacts(tx, environmentId, { listId, contactIds, ...origin, now: later }))

function unsubscribe(environmentId: EnvironmentId, contactId: ContactId | undefined) {
  return db
    .updateTable('list_members')
    .set({ status: 'unsubscribed' })
    .where('environment_id', '=', environmentId)
    .where('contact_id', '=', contactId ?? '')
    .execute()
}

function insertCampaign(
  environmentId: EnvironmentId,
  { within = db, ...campaign }: { status: string; list_ids?: string[]; exclude_list_ids?: string[]; within?: Db | Tx },
) {
  return within
    .insertInto('campaigns')
    .values({
      environment_id: environmentId, id: newId('campaign'), name: 'c', subject: 's', html: 'h', from_mailbox: 'a@x.test',
      list_ids: [], exclude_list_ids: [], ...campaign, created_at: now, updated_at: now,
      pause_reason: campaign.status === 'paused' ? 'user' : null,
    })
    .execute()
}

/** True when a statement in this database waits for a lock. */
async function someoneWaits(): Promise<boolean> {
  const { rows } = await sql`
    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
  `.execute(db)
  return rows.length > 0
}

test('createList() makes a list as it can be found afterwards, here only', async () => {
  const environmentId = newId('environment')
  const list = await createList(environmentId, { description: 'Monthly', doubleOptIn: true, visibility: 'public' })
  expect(list).toEqual({
    id: expect.stringMatching(/^lst_/), name: 'News', description: 'Monthly', doubleOptIn: true, visibility: 'public',
    contactCount: 0, createdAt: now, updatedAt: now,
  })
  expect(await lists.findList(db, environmentId, list.id)).toEqual(list)
  expect(await lists.findList(db, newId('environment'), list.id)).toBeNull()
})

test('listLists() goes from new to old, below a cursor', async () => {
  const environmentId = newId('environment')
  const [first, second, third] = [await createList(environmentId), await createList(environmentId), await createList(environmentId)]
  expect(await lists.listLists(db, environmentId, { limit: 2 })).toEqual([third, second])
  expect(await lists.listLists(db, environmentId, { limit: 2, before: second.id })).toEqual([first])
})

test('updateList() changes what is given, and null removes the description', async () => {
  const environmentId = newId('environment')
  const list = await createList(environmentId, { description: 'Monthly' })
  const update = (environment: EnvironmentId, changes: lists.ListChanges) =>
    inTx((tx) => lists.updateList(tx, environment, { id: list.id, changes, now: later }))
  expect(await update(environmentId, { name: 'Paper' })).toEqual({ ...list, name: 'Paper', updatedAt: later })
  expect(await update(environmentId, { description: null, doubleOptIn: true })).toMatchObject({ name: 'Paper', description: null, doubleOptIn: true })
  expect(await update(newId('environment'), { name: 'Theirs' })).toBeNull()
  expect(await lists.findList(db, environmentId, list.id)).toMatchObject({ name: 'Paper' })
})

describe('deleteList()', () => {
  const del = (environmentId: EnvironmentId, id: lists.List['id']) => inTx((tx) => lists.deleteList(tx, environmentId, id))

  test('deletes the list and its memberships, not the contacts', async () => {
    const environmentId = newId('environment')
    const { id } = await createList(environmentId)
    const [contactId] = await createContacts(environmentId, 1)
    if (contactId) await add(environmentId, id, [contactId])
    expect([await del(newId('environment'), id), await del(environmentId, id), await del(environmentId, id)]).toEqual(['not_found', 'deleted', 'not_found'])
    expect(await contacts.listContacts(db, environmentId, { limit: 10 })).toMatchObject([{ id: contactId, lists: [] }])
  })

  test.each(['scheduled', 'sending', 'paused'])('refuses while a campaign is %s', async (status) => {
    const environmentId = newId('environment')
    const [included, excluded] = [await createList(environmentId), await createList(environmentId)]
    await insertCampaign(environmentId, { status, list_ids: [included.id], exclude_list_ids: [excluded.id] })
    expect([await del(environmentId, included.id), await del(environmentId, excluded.id)]).toEqual(['in_use', 'in_use'])
  })

  test.each(['draft', 'sent', 'cancelled', 'failed'])('does not mind a campaign that is %s', async (status) => {
    const environmentId = newId('environment')
    const { id } = await createList(environmentId)
    await insertCampaign(environmentId, { status, list_ids: [id] })
    expect(await del(environmentId, id)).toBe('deleted')
  })

  test('waits for a campaign that is just starting and then refuses', async () => {
    const environmentId = newId('environment')
    const { id } = await createList(environmentId)
    let deletion: Promise<string> = Promise.resolve('')
    await inTx(async (tx) => {
      await tx.selectFrom('lists').select('id').where('environment_id', '=', environmentId).where('id', '=', id).forKeyShare().execute()
      deletion = del(environmentId, id)
      while (!(await someoneWaits())) continue
      await insertCampaign(environmentId, { status: 'sending', list_ids: [id], within: tx })
    })
    expect(await deletion).toBe('in_use')
  })
})

describe('addContacts()', () => {
  test('adds who is not there, and counts who is', async () => {
    const environmentId = newId('environment')
    const { id } = await createList(environmentId)
    const [a, b, c] = (await createContacts(environmentId, 3)) as [ContactId, ContactId, ContactId]
    expect(await add(environmentId, id, [a, b, a])).toEqual({ added: 2, alreadyThere: 0, refused: [] })
    expect(await add(environmentId, id, [c, b])).toEqual({ added: 1, alreadyThere: 1, refused: [] })
    expect(await lists.findList(db, environmentId, id)).toMatchObject({ contactCount: 3 })
  })

  test('refuses strangers, contacts of another environment and those who unsubscribed', async () => {
    const environmentId = newId('environment')
    const { id } = await createList(environmentId)
    const [a, b] = (await createContacts(environmentId, 2)) as [ContactId, ContactId]
    const [foreign] = (await createContacts(newId('environment'), 1)) as [ContactId]
    const stranger = newId('contact')
    await add(environmentId, id, [a])
    await unsubscribe(environmentId, a)
    expect(await add(environmentId, id, [stranger, a, b, foreign])).toEqual({
      added: 1,
      alreadyThere: 0,
      refused: [{ contactId: stranger, code: 'not_found' }, { contactId: a, code: 'unsubscribed' }, { contactId: foreign, code: 'not_found' }],
    })
    expect(await lists.findList(db, environmentId, id)).toMatchObject({ contactCount: 1 })
  })

  test('leaves members of a double opt-in list unconfirmed and uncounted, and writes down both', async () => {
    const environmentId = newId('environment')
    const { id } = await createList(environmentId, { doubleOptIn: true })
    const [a] = (await createContacts(environmentId, 1)) as [ContactId]
    await add(environmentId, id, [a])
    expect(await lists.findList(db, environmentId, id)).toMatchObject({ contactCount: 0 })
    expect(await db.selectFrom('consent_events').selectAll().where('environment_id', '=', environmentId).execute()).toEqual([
      { environment_id: environmentId, contact_id: a, list_id: id, at: now, status: 'unconfirmed', source: 'api', ip: '192.0.2.1', wording: null },
    ])
  })

  test('finds no list of another environment', async () => {
    const environmentId = newId('environment')
    const { id } = await createList(newId('environment'))
    expect(await add(environmentId, id, await createContacts(environmentId, 1))).toBeNull()
  })

  test('of 20 at once adds each contact once', async () => {
    const environmentId = newId('environment')
    const { id } = await createList(environmentId)
    const contactIds = await createContacts(environmentId, 100)
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => add(environmentId, id, index % 2 ? contactIds : contactIds.toReversed())),
    )
    expect(results.reduce((sum, result) => sum + (result?.added ?? 0), 0)).toBe(100)
    expect(results.every((result) => result && result.added + result.alreadyThere === 100)).toBe(true)
  })
})

test('removeContacts() takes members off and keeps an opt-out', async () => {
  const environmentId = newId('environment')
  const { id } = await createList(environmentId)
  const [a, b, c] = (await createContacts(environmentId, 3)) as [ContactId, ContactId, ContactId]
  await add(environmentId, id, [a, b])
  await unsubscribe(environmentId, b)
  expect(await remove(environmentId, id, [a, a, b, c, newId('contact')])).toEqual({ removed: 1 })
  expect(await add(environmentId, id, [a, b])).toEqual({ added: 1, alreadyThere: 0, refused: [{ contactId: b, code: 'unsubscribed' }] })
  const events = await db.selectFrom('consent_events').select('status').where('contact_id', '=', a).orderBy('at').orderBy('status').execute()
  expect(events.map(({ status }) => status)).toEqual(['subscribed', 'removed'])
  expect(await remove(newId('environment'), id, [a])).toBeNull()
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => /lists|list_members/.test(sql) && !/contacts c|campaigns" \(/.test(sql))
  const lines = ours.map((sql) => sql.replace(/\s+/g, ' ').trim()).sort()
  await expect(`${lines.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/lists.sql')
})
