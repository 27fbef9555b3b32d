/**
 * Applies `migrations/NNNN_name.sql` in order, each in one transaction together with its row in
 * `schema_migrations`. Forward only; a file that was applied once never changes again.
 */
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Kysely, type Transaction, sql } from 'kysely'
import { type Db, connect } from './connect.ts'

/** One file of SQL. */
export type Migration = {
  readonly version: number
  readonly name: string
  readonly sha256: string
  readonly sql: string
}

/** Why a database cannot be brought to the state of this code; a closed list. */
export type MigrationErrorCode =
  | 'migration_changed'
  | 'migration_unknown'
  | 'database_newer'
  | 'migration_failed'

/** A database that does not fit this code. `message` names the migration and says what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
  readonly code: MigrationErrorCode

  constructor(code: MigrationErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

type Applied = { readonly version: number; readonly name: string; readonly sha256: string }

// Tables are named by hand here: the generated types know only what the migrations make.
type AnyDb = Kysely<any> // oxlint-disable-line no-explicit-any -- a database before its schema
type AnyTx = Transaction<any> // oxlint-disable-line no-explicit-any -- a database before its schema

/** Any number that no other advisory lock of ours uses. */
const lockId = 7_465_747_465

/** Where the migrations of this code are. */
export const migrationsDirectory = fileURLToPath(new URL('../migrations/', import.meta.url))

/** Reads the migrations of a directory in order. Throws when a name or a number is out of line. */
export function readMigrations(directory = migrationsDirectory): Migration[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.sql')).toSorted()
  return names.map((file, index) => {
    const [, digits, name] = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file) ?? []
    const version = Number(digits)
    if (!name || version !== index + 1) {
      throw new Error(`${file} should be ${label({ version: index + 1, name: 'lower_case_name' })}.sql: no gaps, no twins.`)
    }
    const text = readFileSync(join(directory, file), 'utf8')
    return { version, name, sha256: createHash('sha256').update(text).digest('hex'), sql: text }
  })
}

/**
 * Brings a database to the state of this code and returns the migrations it applied, none when it was
 * there already. Any number of processes may do this at once.
 * @throws MigrationError
 */
export async function migrate(target: Db | string, migrations = readMigrations()): Promise<Migration[]> {
  if (typeof target !== 'string') return applyAll(target, migrations)
  const db = connect({ connectionString: target, max: 1, applicationName: 'letterlock-migrate' })
  try {
    return await applyAll(db, migrations)
  } finally {
    await db.destroy()
  }
}

/**
 * The migrations this database still lacks.
 * @throws MigrationError when it holds others than this code knows
 */
export async function listPendingMigrations(db: Db, migrations = readMigrations()): Promise<Migration[]> {
  const { rows } = await sql<{ found: boolean }>`
    select to_regclass('schema_migrations') is not null as found`.execute(db)
  const applied = rows[0]?.found ? await readApplied(db) : []
  check(applied, migrations)
  return migrations.slice(applied.length)
}

async function applyAll(db: AnyDb, migrations: readonly Migration[]): Promise<Migration[]> {
  const applied: Migration[] = []
  for (;;) {
    const next = await db.transaction().execute((tx) => applyNext(tx, migrations))
    if (!next) return applied
    applied.push(next)
  }
}

async function applyNext(tx: AnyTx, migrations: readonly Migration[]): Promise<Migration | null> {
  // A migration may take longer than any statement of the application; another migrator is waited for.
  await sql`set local statement_timeout = 0`.execute(tx)
  await sql`set local lock_timeout = '60s'`.execute(tx)
  await sql`select pg_advisory_xact_lock(${lockId}::bigint)`.execute(tx)
  await sql`create table if not exists schema_migrations (
    version integer primary key,
    name text not null,
    sha256 text not null,
    applied_at timestamptz not null default now()
  )`.execute(tx)
  const applied = await readApplied(tx)
  check(applied, migrations)
  const next = migrations[applied.length]
  if (!next) return null
  // The row first: where advisory locks do not reach (another kind of server), the second collides here.
  await sql`insert into schema_migrations (version, name, sha256)
    values (${next.version}, ${next.name}, ${next.sha256})`.execute(tx)
  await run(tx, next)
  return next
}

async function readApplied(db: AnyDb): Promise<Applied[]> {
  const { rows } = await sql<Applied>`
    select version, name, sha256 from schema_migrations order by version`.execute(db)
  return rows
}

async function run(tx: AnyTx, migration: Migration): Promise<void> {
  try {
    await sql.raw(migration.sql).execute(tx)
  } catch (cause) {
    const reason = (cause as Error).message
    throw new MigrationError('migration_failed', `Migration ${label(migration)} failed: ${reason}.`, cause)
  }
}

function check(applied: readonly Applied[], migrations: readonly Migration[]): void {
  const newest = applied.at(-1)
  if (newest && newest.version > migrations.length) {
    throw new MigrationError(
      'database_newer',
      `The database is at migration ${label(newest)}, this code ends at ${migrations.length}. Start newer code.`,
    )
  }
  applied.forEach((row, index) => {
    const migration = migrations[index]
    if (migration?.version !== row.version) {
      const message = `The database lacks a migration before ${label(row)}. Restore it from a backup.`
      throw new MigrationError('migration_unknown', message)
    }
    if (migration.sha256 !== row.sha256) {
      throw new MigrationError(
        'migration_changed',
        `Migration ${label(migration)} is not the one this database has applied. ` +
          'Restore the file and put the change into a new migration.',
      )
    }
  })
}

const label = ({ version, name }: { version: number; name: string }): string =>
  `${String(version).padStart(4, '0')}_${name}`
