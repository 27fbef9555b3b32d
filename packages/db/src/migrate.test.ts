import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { connect } from './connect.ts'
import { type Migration, listPendingMigrations, migrate, readMigrations } from './migrate.ts'
import { createTestDatabase } from './testing.ts'

const database = await createTestDatabase()
const { db } = database
afterAll(() => database.drop())

beforeEach(async () => {
  await sql`drop schema public cascade`.execute(db)
  await sql`create schema public`.execute(db)
})

const migration = (version: number, name: string, text: string): Migration => ({
  version,
  name,
  sql: text,
  sha256: createHash('sha256').update(text).digest('hex'),
})
const fruits = migration(1, 'fruits', "create table fruits (name text); insert into fruits values ('fig')")
const colours = migration(2, 'colours', 'alter table fruits add colour text')

test('migrate() applies every migration once, in order', async () => {
  expect(await migrate(db, [fruits, colours])).toEqual([fruits, colours])
  expect(await migrate(db, [fruits, colours])).toEqual([])
  expect((await sql`select name, colour from fruits`.execute(db)).rows).toEqual([{ name: 'fig', colour: null }])
})

test('migrate() continues where an older version of the code ended', async () => {
  await migrate(db, [fruits])
  expect(await migrate(db, [fruits, colours])).toEqual([colours])
})

test('migrate() opens and closes a connection of its own for a connection string', async () => {
  expect(await migrate(database.connectionString, [fruits])).toEqual([fruits])
})

test('migrate() brings an empty database to the state of this code', async () => {
  expect(await migrate(db)).toEqual(readMigrations())
  expect(await db.selectFrom('revisions').select('revision').execute()).toEqual([{ revision: 0 }])
})

test('migrate() from eight processes at once applies each migration exactly once', async () => {
  const pools = Array.from({ length: 8 }, () =>
    connect({ connectionString: database.connectionString, max: 1, applicationName: 'migrator' }),
  )
  const results = await Promise.all(pools.map((pool) => migrate(pool, [fruits, colours])))
  await Promise.all(pools.map((pool) => pool.destroy()))
  expect(results.flat().map(({ version }) => version).toSorted()).toEqual([1, 2])
})

test('migrate() undoes a migration that fails and names it', async () => {
  const broken = migration(2, 'broken', 'create table half (a int); select nonsense')
  await expect(migrate(db, [fruits, broken])).rejects.toMatchObject({
    code: 'migration_failed',
    message: expect.stringContaining('0002_broken'),
  })
  expect((await sql`select to_regclass('half') as half`.execute(db)).rows).toEqual([{ half: null }])
  expect(await listPendingMigrations(db, [fruits, broken])).toEqual([broken])
})

test('migrate() refuses a database whose applied migration is another one', async () => {
  await migrate(db, [fruits])
  await expect(migrate(db, [migration(1, 'fruits', 'create table fruits ()'), colours])).rejects.toMatchObject({
    code: 'migration_changed',
    message: expect.stringContaining('0001_fruits'),
  })
})

test('migrate() refuses a database that is newer than the code', async () => {
  await migrate(db, [fruits, colours])
  await expect(migrate(db, [fruits])).rejects.toMatchObject({ code: 'database_newer' })
})

test('migrate() refuses a database with a gap', async () => {
  await migrate(db, [fruits, colours])
  await sql`delete from schema_migrations where version = 1`.execute(db)
  await expect(migrate(db, [fruits, colours])).rejects.toMatchObject({ code: 'migration_unknown' })
})

test('listPendingMigrations() knows an empty database, a half-way one and a complete one', async () => {
  expect(await listPendingMigrations(db, [fruits, colours])).toEqual([fruits, colours])
  await migrate(db, [fruits])
  expect(await listPendingMigrations(db, [fruits, colours])).toEqual([colours])
  await migrate(db, [fruits, colours])
  expect(await listPendingMigrations(db, [fruits, colours])).toEqual([])
})

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'migrations-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

test('readMigrations() reads number, name and hash of each file', () => {
  writeFileSync(join(directory, '0001_fruits.sql'), fruits.sql)
  writeFileSync(join(directory, 'hashes.json'), '{}')
  expect(readMigrations(directory)).toEqual([fruits])
})

test.each(['0003_gap.sql', '2_short.sql', '0002-dash.sql', '0002_Case.sql', '0001_twin.sql'])(
  'readMigrations() refuses the name %s',
  (name) => {
    writeFileSync(join(directory, '0001_fruits.sql'), '')
    writeFileSync(join(directory, name), '')
    expect(() => readMigrations(directory)).toThrow(name.startsWith('0001') ? /0002/ : name)
  },
)
