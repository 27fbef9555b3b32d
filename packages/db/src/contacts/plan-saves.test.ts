import { type ListId, newId } from '@letterlock/contract'
import { expect, test } from 'vitest'
import type { ContactFields, PropertyValue } from './contact.ts'
import { type ContactToSave, type OnConflict, planSaves } from './plan-saves.ts'

const list = newId('list')
const ada = existing('ada@x.test', { plan: 'free' })

function existing(emailKey: string, properties: Record<string, PropertyValue> = {}): ContactFields {
  return { id: newId('contact'), email: emailKey, emailKey, firstName: 'Ada', lastName: null, properties }
}

function item(emailKey: string, more: Partial<ContactToSave> = {}): ContactToSave {
  return { email: emailKey, emailKey, ...more }
}

function plan(items: readonly ContactToSave[], more: { onConflict?: OnConflict; room?: number; existing?: ContactFields[] } = {}) {
  return planSaves(items, {
    existing: [ada],
    knownLists: new Set<ListId>([list]),
    onConflict: 'update',
    room: Infinity,
    newContactId: () => newId('contact'),
    ...more,
  })
}

function outcomes(...parameters: Parameters<typeof plan>) {
  return plan(...parameters).outcomes.map(({ outcome }) => outcome)
}

test('planSaves() inserts unknown addresses and changes known ones', () => {
  const planned = plan([item('bob@x.test', { firstName: 'Bob' }), item('ada@x.test', { properties: { plan: 'pro' } })])
  expect(planned.outcomes.map(({ outcome }) => outcome)).toEqual(['created', 'updated'])
  expect(planned.inserts).toMatchObject([{ emailKey: 'bob@x.test', firstName: 'Bob', lastName: null, properties: {} }])
  expect(planned.updates).toEqual([{ ...ada, properties: { plan: 'pro' } }])
})

test('planSaves() writes nothing for a known contact that stays the same', () => {
  const planned = plan([item('ada@x.test', { firstName: 'Ada', properties: { plan: 'free', gone: null } })])
  expect(planned).toMatchObject({ outcomes: [{ outcome: 'updated' }], inserts: [], updates: [] })
})

test('planSaves() keeps the spelling of an address that is known', () => {
  const planned = plan([item('ada@x.test', { email: 'ADA@x.test', lastName: 'L' })])
  expect(planned.updates).toEqual([{ ...ada, lastName: 'L' }])
})

test('planSaves() merges properties and lets null remove', () => {
  const planned = plan([item('ada@x.test', { firstName: null, properties: { plan: null, seats: 3 } })])
  expect(planned.updates).toEqual([{ ...ada, firstName: null, properties: { seats: 3 } }])
})

test('planSaves() leaves null out of a new contact', () => {
  expect(plan([item('bob@x.test', { properties: { plan: null, seats: 3 } })]).inserts).toMatchObject([{ properties: { seats: 3 } }])
})

test('planSaves() lets an address that comes twice meet what its first item left', () => {
  const twice = [item('bob@x.test', { firstName: 'Bob' }), item('bob@x.test', { lastName: 'Byte' })]
  const planned = plan(twice)
  expect(planned.outcomes.map(({ outcome }) => outcome)).toEqual(['created', 'updated'])
  expect(planned.inserts).toMatchObject([{ firstName: 'Bob', lastName: 'Byte' }])
  expect(outcomes(twice, { onConflict: 'skip' })).toEqual(['created', 'skipped'])
  expect(plan(twice, { onConflict: 'skip' }).inserts).toMatchObject([{ firstName: 'Bob', lastName: null }])
  expect(outcomes(twice, { onConflict: 'fail' })).toEqual(['created', 'exists'])
})

test('planSaves() changes nothing of a known contact that is skipped or in the way', () => {
  const change = [item('ada@x.test', { lastName: 'L', listIds: [list] })]
  for (const onConflict of ['skip', 'fail'] as const) {
    expect(plan(change, { onConflict })).toMatchObject({ inserts: [], updates: [], memberships: [] })
  }
})

test('planSaves() refuses an item with an unknown list, and only that', () => {
  const items = [item('bob@x.test', { listIds: [list, newId('list')] }), item('bob@x.test', { listIds: [list] })]
  const planned = plan(items)
  expect(planned.outcomes.map(({ outcome }) => outcome)).toEqual(['unknown_list', 'created'])
  expect(planned.memberships).toEqual([{ contactId: planned.inserts[0]?.id, listId: list }])
})

test('planSaves() gives the room of the quota to the first new addresses', () => {
  const items = ['a@x.test', 'ada@x.test', 'b@x.test', 'c@x.test', 'a@x.test', 'c@x.test'].map((address) => item(address))
  expect(outcomes(items, { room: 2 })).toEqual(['created', 'updated', 'created', 'quota_exceeded', 'updated', 'quota_exceeded'])
  expect(outcomes(items, { room: -1 })).toEqual([
    'quota_exceeded', 'updated', 'quota_exceeded', 'quota_exceeded', 'quota_exceeded', 'quota_exceeded',
  ])
})

test('planSaves() refuses the property that would be the 101st', () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`p${index}`, index]))
  const full = existing('full@x.test', many)
  const refused = { existing: [full] }
  expect(outcomes([item('full@x.test', { properties: { p100: 1 } })], refused)).toEqual(['too_many_properties'])
  expect(outcomes([item('full@x.test', { properties: { p100: 1, p0: null } })], refused)).toEqual(['updated'])
})
