/** The day partitions of usage: made ahead or by the first writer, dropped whole by age. Days are those of UTC. */
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import { holdRetention, readRetention, type UsageRetention } from './usage-retention.ts'

export type PartitionedTable = keyof typeof tables

/** One day of one table. */
export interface UsagePartition {
  readonly table: PartitionedTable
  /** Its first millisecond. */
  readonly day: number
}

const tables = {
  usage_attempts: { kept: 'attemptDays', fillfactor: 70 },
  usage_minutes: { kept: 'minuteDays', fillfactor: 70 },
  usage_requests: { kept: 'requestDays', fillfactor: 100 },
} as const satisfies Record<string, { kept: keyof UsageRetention; fillfactor: number }>

const tableNames = Object.keys(tables) as PartitionedTable[] // keys of a literal

export const dayMs = 86_400_000

export function startOfDay(time: number): number {
  return Math.floor(time / dayMs) * dayMs
}

/** Days of a table that begin before this are closed: their partition is gone, or goes at the next sweep. */
export function firstOpenDay(table: PartitionedTable, now: Date, retention: UsageRetention): number {
  return startOfDay(now.getTime()) - retention[tables[table].kept] * dayMs
}

/** Makes the partitions of today and the days after it. Returns the names of new ones. */
export async function createPartitionsAhead(db: Db, now: Date, days = 7): Promise<string[]> {
  const today = startOfDay(now.getTime())
  const ahead = Array.from({ length: days + 1 }, (_, index) => today + index * dayMs)
  const wanted = tableNames.flatMap((table) => ahead.map((day) => ({ table, day })))
  return db.transaction().execute((tx) => createMissingPartitions(tx, wanted))
}

/**
 * Makes those that are missing and returns their names. A new partition is attached rather than created in place, which
 * lets others read and write the table meanwhile; of two writers at once, one waits for the other's transaction.
 */
export async function createMissingPartitions(tx: Tx, wanted: readonly UsagePartition[]): Promise<string[]> {
  if ((await listMissing(tx, wanted)).length === 0) return []
  await sql`select pg_advisory_xact_lock(${lockId}::bigint)`.execute(tx)
  const missing = await listMissing(tx, wanted)
  for (const { table, day } of missing) await createPartition(tx, { table, day })
  return missing.map(nameOf)
}

/**
 * Drops the partitions of closed days, each in a transaction of its own. Returns the names of those dropped; one that
 * is being read or written stays until the next time, and so do the later ones of its table: who reads or writes the
 * table waits behind a drop that waits, so that is 50 ms a table at most.
 */
export async function dropOldPartitions(db: Db, now: Date): Promise<string[]> {
  const dropped: string[] = []
  const retention = await readRetention(db)
  for (const table of tableNames) {
    const { rows } = await sql<{ name: string }>`
      select inhrelid::regclass::text as name from pg_inherits where inhparent = ${table}::regclass order by 1
    `.execute(db)
    const oldest = nameOf({ table, day: firstOpenDay(table, now, retention) })
    for (const { name } of rows) {
      const outcome = name < oldest ? await dropPartition(db, { table, name, now }) : 'kept'
      if (outcome === 'kept') break
      if (outcome === 'dropped') dropped.push(name)
    }
  }
  return dropped
}

/** Any number that no other advisory lock of ours uses. */
const lockId = 7_465_747_466

function nameOf({ table, day }: UsagePartition): string {
  return `${table}_${new Date(day).toISOString().slice(0, 10).replaceAll('-', '')}`
}

async function listMissing(tx: Tx, wanted: readonly UsagePartition[]): Promise<UsagePartition[]> {
  // not to_regclass(): the session remembers what it did not find, and looks again only after a lock on the table
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class join pg_inherits on inhrelid = pg_class.oid
    where inhparent = any(${tableNames}::regclass[]) and relname = any(${wanted.map(nameOf)})
  `.execute(tx)
  const found = new Set(rows.map(({ name }) => name))
  return wanted.filter((partition) => !found.has(nameOf(partition)))
}

async function createPartition(tx: Tx, { table, day }: UsagePartition): Promise<void> {
  const name = sql.table(nameOf({ table, day }))
  const [from, to] = [day, day + dayMs].map((time) => sql.lit(new Date(time).toISOString()))
  const fillfactor = sql.lit(tables[table].fillfactor)
  await sql`create table ${name} (like ${sql.table(table)} including all) with (fillfactor = ${fillfactor})`.execute(tx)
  await sql`alter table ${sql.table(table)} attach partition ${name} for values from (${from}) to (${to})`.execute(tx)
}

// The retention may have grown since it was read; who changes it waits for this, so that no day is dropped after it was
// said to be kept. `kept`: it is in use, or another session drops or makes one.
async function dropPartition(
  db: Db, { table, name, now }: { table: PartitionedTable; name: string; now: Date },
): Promise<'dropped' | 'gone' | 'kept'> {
  try {
    return await db.transaction().execute(async (tx) => {
      await sql`set local lock_timeout = '50ms'`.execute(tx)
      const { rows: [lock] } = await sql<{ held: boolean }>`select pg_try_advisory_xact_lock(${lockId}::bigint) as held`.execute(tx)
      if (!lock?.held || name >= nameOf({ table, day: firstOpenDay(table, now, await holdRetention(tx)) })) return 'kept'
      const { rows: [partition] } = await sql`select from pg_class where relname = ${name}`.execute(tx)
      if (!partition) return 'gone'
      await sql`drop table ${sql.table(name)}`.execute(tx)
      return 'dropped'
    })
  } catch (error) {
    if ((error as { code?: unknown }).code === lockNotAvailable) return 'kept'
    throw error
  }
}

const lockNotAvailable = '55P03'
