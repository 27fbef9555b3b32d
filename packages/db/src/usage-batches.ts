/** What a process counted and recorded since its last batch, saved exactly once. */
import type { EnvironmentId, KeyId } from '@letterlock/contract'
import { sql } from 'kysely'
import { numberArray, textArray } from './array-literal.ts'
import type { Db, Tx } from './connect.ts'
import { type KeyUse, touchLastUsed } from './key-uses.ts'
import { addAttempts, type AttemptCount } from './usage-attempts.ts'
import { createMissingPartitions, firstOpenDay, startOfDay, type UsagePartition } from './usage-partitions.ts'
import { readRetention } from './usage-retention.ts'

/** So many requests of one key to one operation with one outcome within one minute. */
export interface UsageCount {
  readonly environmentId: EnvironmentId
  readonly keyId: KeyId
  readonly operation: string
  /** `ok` or an error code. */
  readonly outcome: string
  /** The start of the minute. */
  readonly minute: Date
  readonly requests: number
  /** How many of them have no record. */
  readonly dropped: number
}

/** Requests as they were, a column each; all columns are equally long. */
export interface RequestRecords {
  /** Milliseconds since 1970. */
  readonly times: readonly number[]
  readonly requestIds: readonly string[]
  /** What each is counted in: its environment, key, operation and outcome; an object of the batch's counts. */
  readonly counts: readonly UsageCount[]
  /** 0 when it is not known. */
  readonly secretVersions: readonly number[]
  readonly statuses: readonly number[]
  /** Whole microseconds. */
  readonly durationsUs: readonly number[]
  readonly ips: readonly (string | null)[]
  readonly userAgents: readonly (string | null)[]
}

export interface UsageBatch {
  /** The same at every try. */
  readonly batchId: string
  readonly counts: readonly UsageCount[]
  readonly records: readonly RequestRecords[]
  readonly attempts: readonly AttemptCount[]
  readonly lastUses: readonly KeyUse[]
}

/**
 * Saves a batch exactly once: a batch id that was saved before changes nothing. Returns whether this call saved it.
 * A twin waits at the primary key of `usage_batches`. What several nodes write is written in the order of its keys and
 * table by table, the busiest rows last, so that batches cannot lock each other out and wait shortly.
 */
export async function saveUsageBatch(tx: Tx, batch: UsageBatch & { readonly now: Date }): Promise<boolean> {
  const { batchId, counts, records, attempts, lastUses, now } = batch
  const claimed = await tx
    .insertInto('usage_batches')
    .values({ id: batchId, at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!claimed) return false
  const retention = await readRetention(tx)
  const open = {
    requests: firstOpenDay('usage_requests', now, retention),
    minutes: firstOpenDay('usage_minutes', now, retention),
    attempts: firstOpenDay('usage_attempts', now, retention),
  }
  await createMissingPartitions(tx, [
    ...daysOf('usage_attempts', attempts.map(({ minute }) => minute.getTime()), open.attempts),
    ...daysOf('usage_minutes', counts.map(({ minute }) => minute.getTime()), open.minutes),
    ...daysOf('usage_requests', records.flatMap(({ times }) => times), open.requests),
  ])
  const refused = await insertRecords(tx, records, open.requests)
  await addAttempts(tx, attempts.filter(({ minute }) => minute.getTime() >= open.attempts))
  const complete = counts.map((count) => ({ ...count, dropped: count.dropped + (refused.get(count) ?? 0) }))
  await addToRollups(tx, refused.size === 0 ? counts : complete, open.minutes)
  await touchLastUsed(tx, lastUses)
  return true
}

/** Forgets the ids of batches saved before a time by which no process tries them again; how many. */
export async function deleteOldBatches(db: Db | Tx, before: Date): Promise<number> {
  const result = await db.deleteFrom('usage_batches').where('at', '<', before).executeTakeFirst()
  return Number(result.numDeletedRows)
}

function daysOf(table: UsagePartition['table'], times: readonly number[], firstOpen: number): UsagePartition[] {
  const days = new Set<number>()
  let last = NaN
  for (const time of times) {
    const day = startOfDay(time)
    if (day !== last && day >= firstOpen) days.add(day)
    last = day
  }
  return [...days].sort((a, b) => a - b).map((day) => ({ table, day }))
}

/**
 * Inserts the records; answers how many of each count were refused. A part that PostgreSQL refuses for its data must not
 * keep the batch from ever being saved: its requests are counted and have no record.
 */
async function insertRecords(tx: Tx, records: readonly RequestRecords[], firstOpen: number): Promise<Map<object, number>> {
  const refused = new Map<object, number>()
  for (const columns of records) {
    await sql`savepoint records`.execute(tx)
    try {
      await insertPart(tx, columns, firstOpen)
    } catch (error) {
      if (!/^2[23]/.test(String((error as { code?: unknown }).code))) throw error
      await sql`rollback to savepoint records`.execute(tx)
      for (const count of columns.counts) refused.set(count, (refused.get(count) ?? 0) + 1)
    }
    await sql`release savepoint records`.execute(tx)
  }
  return refused
}

/**
 * What many rows have in common comes once, numbered. Rows go in by environment and key, which lets neighbours share the
 * pages of the index. Those of closed days are left out: they live in the roll-ups only.
 */
async function insertPart(tx: Tx, columns: RequestRecords, firstOpen: number): Promise<void> {
  const { times, requestIds, secretVersions, statuses, durationsUs, ips, userAgents } = columns
  const kinds = [...new Set(columns.counts)].sort(byKey)
  const numbers = new Map(kinds.map((kind, index) => [kind, index + 1]))
  await sql`
    insert into usage_requests
      (at, duration_us, secret_version, status, request_id, environment_id, key_id, operation, outcome, ip, user_agent)
    select to_timestamp(at / 1000), duration_us, nullif(secret_version, 0::smallint), status, request_id,
      environment_id, key_id, operation, outcome, ip, user_agent
    from unnest(
      ${numberArray(times)}::float8[], ${textArray(requestIds)}::text[],
      ${numberArray(columns.counts.map((count) => numbers.get(count) ?? 0))}::bigint[],
      ${numberArray(secretVersions)}::smallint[], ${numberArray(statuses)}::smallint[],
      ${numberArray(durationsUs)}::int[], ${textArray(ips)}::text[], ${textArray(userAgents)}::text[]
    ) as r (at, request_id, kind, secret_version, status, duration_us, ip, user_agent)
    join unnest(
      ${textArray(kinds.map(({ environmentId }) => environmentId))}::text[], ${textArray(kinds.map(({ keyId }) => keyId))}::text[],
      ${textArray(kinds.map(({ operation }) => operation))}::text[], ${textArray(kinds.map(({ outcome }) => outcome))}::text[]
    ) with ordinality as k (environment_id, key_id, operation, outcome, kind) using (kind)
    where at >= ${firstOpen}::float8
    order by kind
  `.execute(tx)
}

type Kind = RequestRecords['counts'][number]

function byKey(a: Kind, b: Kind): number {
  if (a.environmentId !== b.environmentId) return a.environmentId < b.environmentId ? -1 : 1
  return a.keyId < b.keyId ? -1 : a.keyId > b.keyId ? 1 : 0
}

/**
 * Adds to minutes, hours and days; minutes of closed days to hours and days only. One statement, which
 * reads the counts once; every node locks rows in the order of their keys, table after table in the order of the plan.
 */
async function addToRollups(tx: Tx, counts: readonly UsageCount[], firstOpenMinute: number): Promise<void> {
  if (counts.length === 0) return
  await sql`
    with counted as materialized (
      select environment_id collate "C" as environment_id, at, date_trunc('hour', at, 'UTC') as hour,
        date_trunc('day', at, 'UTC') as day, key_id collate "C" as key_id, operation collate "C" as operation,
        outcome collate "C" as outcome, requests, dropped
      from unnest(
        ${textArray(counts.map(({ environmentId }) => environmentId))}::text[],
        ${numberArray(counts.map(({ minute }) => minute.getTime()))}::float8[],
        ${textArray(counts.map(({ keyId }) => keyId))}::text[], ${textArray(counts.map(({ operation }) => operation))}::text[],
        ${textArray(counts.map(({ outcome }) => outcome))}::text[], ${numberArray(counts.map(({ requests }) => requests))}::bigint[],
        ${numberArray(counts.map(({ dropped }) => dropped))}::bigint[]
      ) as u (environment_id, minute, key_id, operation, outcome, requests, dropped), to_timestamp(minute / 1000) as at
      order by 1, 2, 5, 6, 7
    ), minutes as (
      insert into usage_minutes as m (environment_id, minute, key_id, operation, outcome, requests, dropped)
      select environment_id, at, key_id, operation, outcome, sum(requests), sum(dropped)
      from counted where at >= to_timestamp(${firstOpenMinute}::float8 / 1000) group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
      on conflict (environment_id, minute, key_id, operation, outcome)
      do update set requests = m.requests + excluded.requests, dropped = m.dropped + excluded.dropped
    ), hours as (
      insert into usage_hours as h (environment_id, hour, key_id, operation, outcome, requests)
      select environment_id, hour, key_id, operation, outcome, sum(requests)
      from counted group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
      on conflict (environment_id, hour, key_id, operation, outcome) do update set requests = h.requests + excluded.requests
    )
    insert into usage_days as d (environment_id, day, key_id, operation, outcome, requests)
    select environment_id, day, key_id, operation, outcome, sum(requests)
    from counted group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
    on conflict (environment_id, day, key_id, operation, outcome) do update set requests = d.requests + excluded.requests
  `.execute(tx)
}
