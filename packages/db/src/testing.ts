/**
 * A real PostgreSQL for tests: one server per run of vitest (see `testing/global-setup.ts`), one database
 * per test file, copied from a template that has all migrations.
 */
import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'
import { type ConnectOptions, type Db, connect } from './connect.ts'
import { withDatabase } from './testing/with-database.ts'
import './testing/provided-context.ts'

/** A database of one test file. */
export type TestDatabase = {
  readonly db: Db
  readonly connectionString: string
  /** Closes `db` and removes the database, whoever is still connected. */
  readonly drop: () => Promise<void>
}

/**
 * Creates an empty database with all migrations applied.
 * @example
 * const database = await createTestDatabase()
 * afterAll(() => database.drop())
 */
export async function createTestDatabase(
  options: Partial<Omit<ConnectOptions, 'connectionString'>> = {},
): Promise<TestDatabase> {
  const { url, template } = inject('letterlockPostgres')
  const name = `test_${randomBytes(8).toString('hex')}`
  await execute(url, `create database ${name} template ${template}`)
  const connectionString = withDatabase(url, name)
  const db = connect({ max: 10, applicationName: 'letterlock-test', ...options, connectionString })
  return {
    db,
    connectionString,
    async drop() {
      await db.destroy()
      await execute(url, `drop database if exists ${name} with (force)`)
    },
  }
}

/** The URL of the test server with rights to create databases; for tests that need more than one database. */
export function testServerUrl(): string {
  return inject('letterlockPostgres').url
}

async function execute(connectionString: string, statement: string): Promise<void> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
