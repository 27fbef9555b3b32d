import { type EnvironmentId, newId } from '@letterlock/contract'
import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import * as contacts from './contacts.ts'
import * as properties from './properties.ts'
import { createTestDatabase } from './testing.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ max: 20, onQuery: (text) => statements.add(text) })
afterAll(drop)

const now = new Date('2026-11-22T09:30:00.000Z')
const later = new Date('2026-11-22T09:31:00.000Z')

function declare(environmentId: EnvironmentId, declaration: properties.PropertyDeclaration) {
  return db.transaction().execute((tx) => properties.declareProperty(tx, environmentId, { ...declaration, now }))
}

const update = (environmentId: EnvironmentId, change: { key: string; now?: Date } & properties.PropertyChanges) =>
  db.transaction().execute((tx) => properties.updateProperty(tx, environmentId, { key: change.key, changes: change, now: change.now ?? later }))

test('declareProperty() keeps what was declared, whatever the type of its fallback', async () => {
  const environmentId = newId('environment')
  const fallbacks = { string: 'a "b"', number: 0, boolean: false, date: '2026-11-22' } as const
  for (const type of ['string', 'number', 'boolean', 'date'] as const) {
    const declared = await declare(environmentId, { key: type, type, fallback: fallbacks[type], description: 'd' })
    expect(declared).toMatchObject({ state: 'declared', property: { key: type, fallback: fallbacks[type], archivedAt: null } })
    expect(await properties.findProperty(db, environmentId, type)).toEqual('property' in declared && declared.property)
  }
  expect((await properties.listDeclared(db, environmentId)).map(({ key }) => key)).toEqual(['boolean', 'date', 'number', 'string'])
})

test('declareProperty() gives a key to one of ten who declare it at once', async () => {
  const environmentId = newId('environment')
  const all = await Promise.all(Array.from({ length: 10 }, () => declare(environmentId, { key: 'plan', type: 'string' })))
  expect(all.filter(({ state }) => state === 'declared')).toHaveLength(1)
  expect(new Set(all.flatMap((each) => ('property' in each ? each.property.id : [])))).toHaveProperty('size', 1)
})

test('declareProperty() stops at the most that an environment declares, also when many come at once', async () => {
  const environmentId = newId('environment')
  const rows = Array.from({ length: properties.mostDeclared - 3 }, (_, index) => ({
    environment_id: environmentId, id: newId('property'), key: `p${index}`, type: 'string', created_at: now, updated_at: now,
  }))
  await db.insertInto('contact_properties').values(rows).execute()
  const all = await Promise.all(Array.from({ length: 10 }, (_, index) => declare(environmentId, { key: `q${index}`, type: 'string' })))
  expect(all.map(({ state }) => state).sort()).toEqual([...Array(3).fill('declared'), ...Array(7).fill('too_many')])
  expect(await declare(environmentId, { key: 'p0', type: 'number' })).toMatchObject({ state: 'exists', property: { type: 'string' } })
})

test('listProperties() pages through one environment, newest first', async () => {
  const environmentId = newId('environment')
  for (const key of ['a', 'b', 'c']) await declare(environmentId, { key, type: 'string' })
  const [c, b] = await properties.listProperties(db, environmentId, { limit: 2 })
  expect([c?.key, b?.key]).toEqual(['c', 'b'])
  expect((await properties.listProperties(db, environmentId, { before: b?.id, limit: 2 })).map(({ key }) => key)).toEqual(['a'])
  expect(await properties.listProperties(db, newId('environment'), { limit: 2 })).toEqual([])
})

test('updateProperty() changes what is given, lets null remove, and keeps when it was archived', async () => {
  const environmentId = newId('environment')
  await declare(environmentId, { key: 'plan', type: 'string', fallback: 'free', description: 'd' })
  expect(await update(environmentId, { key: 'plan', archived: true, description: null })).toMatchObject({ archivedAt: later, description: null, fallback: 'free' })
  expect(await update(environmentId, { key: 'plan', archived: true, fallback: null, now })).toMatchObject({ archivedAt: later, fallback: null, updatedAt: now })
  expect(await update(environmentId, { key: 'plan', archived: false })).toMatchObject({ archivedAt: null })
  expect(await update(newId('environment'), { key: 'plan', archived: true })).toBeNull()
  expect(await properties.findProperty(db, environmentId, 'plan')).toMatchObject({ archivedAt: null })
})

/** Contacts of whom one in 50,000, or one in three, has a value. */
async function seedContacts(environmentId: EnvironmentId, count: number) {
  const values = (index: string) => sql`jsonb_build_object('rare', ${sql.raw(index)} % 50000, 'common', ${sql.raw(index)} % 3, 'text', (${sql.raw(index)} % 50000)::text)`
  await sql`
    insert into contacts (environment_id, id, email, email_key, properties, created_at, updated_at)
    select ${environmentId}, 'con_' || lpad(i::text, 26, '0'), i || '@x.test', i || '@x.test', ${values('i')}, ${now}::timestamptz, ${now}::timestamptz
    from generate_series(1, ${count}::int) i
  `.execute(db)
}

test('listContacts() finds by the value of a property by index, rare or common, among the contacts of one environment', async () => {
  const [own, other] = [newId('environment'), newId('environment')]
  for (const environmentId of [own, other]) await seedContacts(environmentId, 100_000)
  await sql`analyze contacts`.execute(db)
  const find = (key: string, value: contacts.PropertyValue) => contacts.listContacts(db, own, { property: { key, value }, limit: 21 })
  expect((await find('rare', 7)).map(({ email }) => email)).toEqual(['50007@x.test', '7@x.test'])
  expect((await find('text', '7')).map(({ email }) => email)).toEqual(['50007@x.test', '7@x.test'])
  expect(await find('rare', '7')).toEqual([])
  expect(await find('nothing', 7)).toEqual([])
  expect((await find('common', 1))[0]?.email).toBe('100000@x.test')
  expect(await find('common', 1)).toHaveLength(21)
  expect(await planOf(own, { rare: 7 })).toContain('contacts_by_property')
  expect(await planOf(own, { rare: 7 })).not.toContain('Seq Scan on contacts')
  expect(await planOf(own, { common: 1 })).not.toContain('Seq Scan on contacts')
}, 60_000)

/** How PostgreSQL goes about the statement that listContacts() sent last, with these properties in place of its own. */
async function planOf(environmentId: EnvironmentId, properties: object): Promise<string> {
  const statement = [...statements].findLast((text) => text.includes('jsonb_set') && !/explain|insert/.test(text)) ?? ''
  const parameters = [environmentId, JSON.stringify({ [environmentId]: properties }), 21]
  const literal = statement.replaceAll(/\$(\d)/g, (_, place: string) => `'${String(parameters[Number(place) - 1])}'`)
  const { rows } = await sql<{ 'QUERY PLAN': string }>`explain ${sql.raw(literal)}`.execute(db)
  return rows.map((row) => row['QUERY PLAN']).join('\n')
}

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((text) => (text.includes('contact_properties') || (text.includes('jsonb_set') && !/explain|insert/.test(text))) && !/values \(.*\), \(/.test(text))
  const lines = ours.map((text) => text.replace(/\s+/g, ' ').trim()).sort()
  await expect(`${lines.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/properties.sql')
})
