/** Usage for people to look at: requests per minute, saved in batches, and what the meters took. */
import { type EnvironmentId, errorCodes, type KeyId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import { touchLastUsed } from './keys.ts'
import { findUsed, meterPeriod } from './meters.ts'

/** So many requests of one key to one operation with one outcome within one minute. */
export interface UsageRow {
  readonly environmentId: EnvironmentId
  readonly keyId: KeyId
  readonly operation: string
  /** `ok` or an error code. */
  readonly outcome: string
  /** The start of the minute. */
  readonly minute: Date
  readonly requests: number
  /** Of the last of these requests. */
  readonly lastUsedAt: Date
}

export interface UsageBatch {
  readonly batchId: string
  readonly rows: readonly UsageRow[]
  readonly now: Date
}

/** One line of a usage answer. `limit` and `resetsAt` are null where no quota is. */
export interface MeterUsage {
  readonly meter: string
  readonly used: number
  readonly limit: number | null
  readonly resetsAt: Date | null
}

export interface UsagePoint {
  /** `2026-11-22`, UTC. */
  readonly day: string
  readonly meter: string
  readonly used: number
}

/**
 * Saves a batch exactly once: a batch id that was saved before changes nothing. Returns whether this call saved it.
 * A twin waits at the primary key of `usage_batches`. Rows are written in the order of their keys, so that the batches
 * of several nodes cannot lock each other out.
 */
export async function saveUsageBatch(tx: Tx, { batchId, rows, now }: UsageBatch): Promise<boolean> {
  const claimed = await tx
    .insertInto('usage_batches')
    .values({ id: batchId, at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!claimed) return false
  await addToMinutes(tx, rows)
  await moveLastUsedForward(tx, rows)
  return true
}

/** Forgets the ids of batches saved before a time by which no process tries them again; how many. */
export async function deleteOldBatches(db: Db | Tx, before: Date): Promise<number> {
  const result = await db.deleteFrom('usage_batches').where('at', '<', before).executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** What an environment used from `from` until before `to`; what is stored is a level, the rest are sums. */
export async function readUsage(
  db: Db | Tx,
  environmentId: EnvironmentId,
  { from, to, now }: { from: Date; to: Date; now: Date },
): Promise<{ meters: MeterUsage[]; series: UsagePoint[] }> {
  const limits = await listLimits(db, environmentId)
  const requests = await requestsByDay(db, environmentId, { from, to })
  const emails = await takenByDay(db, environmentId, { meter: 'emails.sent', from, to })
  const stored = await findUsed(db, environmentId, { meter: 'contacts.stored', now })
  const changes = await takenByDay(db, environmentId, { meter: 'contacts.stored', from, to: null })
  const levels = levelsOf(stored, changes).filter((point) => Date.parse(point.day) < to.getTime())
  return {
    meters: [usageOf('api.requests', sum(requests)), usageOf('contacts.stored', stored), usageOf('emails.sent', sum(emails))],
    series: [...named('api.requests', requests), ...named('contacts.stored', levels), ...named('emails.sent', emails)],
  }

  function usageOf(meter: string, used: number): MeterUsage {
    const limit = limits.get(meter) ?? null
    return { meter, used, limit, resetsAt: limit === null ? null : meterPeriod(meter, now).resetsAt }
  }
}

interface Day {
  readonly day: string
  readonly used: number
}

/** The level at the end of each day on which it changed, counted back from the level of now. */
function levelsOf(level: number, changes: readonly Day[]): Day[] {
  const levels: Day[] = []
  for (const { day, used } of changes.toReversed()) {
    levels.unshift({ day, used: level })
    level -= used
  }
  return levels
}

function named(meter: string, days: readonly Day[]): UsagePoint[] {
  return days.map(({ day, used }) => ({ day, meter, used }))
}

function sum(days: readonly Day[]): number {
  return days.reduce((total, { used }) => total + used, 0)
}

async function listLimits(db: Db | Tx, environmentId: EnvironmentId): Promise<Map<string, number>> {
  const rows = await db.selectFrom('quotas').select(['meter', 'amount']).where('environment_id', '=', environmentId).execute()
  return new Map(rows.map(({ meter, amount }) => [meter, amount]))
}

async function requestsByDay(
  db: Db | Tx,
  environmentId: EnvironmentId,
  { from, to }: { from: Date; to: Date },
): Promise<Day[]> {
  const { rows } = await sql<Day>`
    select to_char(minute at time zone 'UTC', 'YYYY-MM-DD') as day, sum(requests)::bigint as used
    from usage_minutes
    where environment_id = ${environmentId} and minute >= ${from} and minute < ${to} and outcome <> all(${uncounted})
    group by 1 order by 1
  `.execute(db)
  return rows
}

async function takenByDay(
  db: Db | Tx,
  environmentId: EnvironmentId,
  { meter, from, to }: { meter: string; from: Date; to: Date | null },
): Promise<Day[]> {
  const { rows } = await sql<Day>`
    select to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day, sum(amount)::bigint as used
    from meter_ledger
    where environment_id = ${environmentId} and meter = ${meter} and at >= ${from}
      and at < coalesce(${to}::timestamptz, 'infinity')
    group by 1 order by 1
  `.execute(db)
  return rows
}

async function addToMinutes(tx: Tx, rows: readonly UsageRow[]): Promise<void> {
  const counted = rows.map(({ environmentId, keyId, operation, outcome, minute, requests }) => ({
    environment_id: environmentId, key_id: keyId, operation, outcome, minute, requests,
  }))
  await sql`
    insert into usage_minutes as m (environment_id, minute, key_id, operation, outcome, requests)
    select environment_id, minute, key_id, operation, outcome, sum(requests)
    from json_to_recordset(${JSON.stringify(counted)}::json) as x(
      environment_id text, minute timestamptz, key_id text, operation text, outcome text, requests bigint
    )
    group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
    on conflict (environment_id, minute, key_id, operation, outcome) do update set requests = m.requests + excluded.requests
  `.execute(tx)
}

/** Batches may arrive late or in another order; the time never goes back. */
async function moveLastUsedForward(tx: Tx, rows: readonly UsageRow[]): Promise<void> {
  const used = rows.filter((row) => !refused.has(row.outcome))
  await touchLastUsed(tx, used.map((row) => ({ keyId: row.keyId, at: row.lastUsedAt })))
}

const codes = Object.entries(errorCodes)
/** A request counts when it was served: not refused, not stopped by a limit, not failed by us. */
const uncounted = codes.filter(([, { status }]) => [401, 403, 429].includes(status) || status >= 500).map(([code]) => code)
/** The key was not let in. */
const refused = new Set(codes.filter(([, { status }]) => status === 401 || status === 403).map(([code]) => code))
