import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { connect } from './connect.ts'
import { listPendingMigrations } from './migrate.ts'
import { createTestDatabase, testServerUrl } from './testing.ts'

const one = await createTestDatabase()
afterAll(() => one.drop())

test('createTestDatabase() has all migrations and no rows of another file', async () => {
  const two = await createTestDatabase()
  expect(await listPendingMigrations(two.db)).toEqual([])
  await sql`create table only_here (a int)`.execute(one.db)
  const { rows } = await sql`select to_regclass('only_here') as found`.execute(two.db)
  expect(rows).toEqual([{ found: null }])
  await two.drop()
})

test('TestDatabase.drop() removes the database although others are connected', async () => {
  const { connectionString, drop } = await createTestDatabase()
  const errors: Error[] = []
  const other = connect({
    connectionString,
    max: 1,
    applicationName: 'other',
    onIdleError: (error) => errors.push(error),
  })
  await sql`select 1`.execute(other)
  await drop()
  const server = connect({ connectionString: testServerUrl(), max: 1, applicationName: 'check' })
  const name = new URL(connectionString).pathname.slice(1)
  expect((await sql`select 1 from pg_database where datname = ${name}`.execute(server)).rows).toEqual([])
  await other.destroy()
  await server.destroy()
})

test('createTestDatabase() runs on the PostgreSQL this project is for', async ({ task }) => {
  const { rows } = await sql<{ major: number }>`
    select current_setting('server_version_num')::int / 10000 as major`.execute(one.db)
  expect(`postgres-${rows[0]?.major}`).toBe(task.file.projectName)
})
