import { type EnvironmentId, newId } from '@letterlock/contract'
import { afterAll, expect, test } from 'vitest'
import * as properties from './properties.ts'
import { createTestDatabase } from './testing.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ max: 20, onQuery: (sql) => statements.add(sql) })
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

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => sql.includes('contact_properties') && !/values \(.*\), \(/.test(sql))
  const lines = ours.map((sql) => sql.replace(/\s+/g, ' ').trim()).sort()
  await expect(`${lines.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/properties.sql')
})
