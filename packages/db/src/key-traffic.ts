/** What one key was used for, out of the counts and records of requests. */
import type { EnvironmentId, KeyId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'

interface TrafficAsk {
  readonly keyId: KeyId
  readonly from: Date
  /** Before this time. */
  readonly to: Date
}

/** Requests of an operation with one outcome. */
export interface OperationCount {
  readonly operation: string
  readonly outcome: string
  readonly requests: number
  /** The day (UTC) of the last. */
  readonly lastDay: Date
}

/** Whole days (UTC), of which counts are kept for ever. */
export async function countOperations(db: Db | Tx, environmentId: EnvironmentId, { keyId, from, to }: TrafficAsk): Promise<OperationCount[]> {
  const { rows } = await sql<OperationCount>`
    select operation, outcome, sum(requests)::bigint as requests, max(day) as "lastDay" from usage_days
    where environment_id = ${environmentId} and day >= ${from} and day < ${to} and key_id = ${keyId}
    group by 1, 2 order by 1, 2
  `.execute(db)
  return rows
}

/** Requests from one address with one program to one operation. */
export interface CallerCount {
  readonly ip: string | null
  readonly userAgent: string | null
  readonly operation: string
  readonly requests: number
  readonly firstSeenAt: Date
  readonly lastSeenAt: Date
}

/** Those that proved the key, by who made them; up to `limit + 1`, who came last first. Out of the records, which are kept for some days. */
export async function listCallers(
  db: Db | Tx, environmentId: EnvironmentId, { keyId, from, to, limit }: TrafficAsk & { readonly limit: number },
): Promise<CallerCount[]> {
  const { rows } = await sql<CallerCount>`
    select ip, user_agent as "userAgent", operation, count(*)::int as requests, min(at) as "firstSeenAt", max(at) as "lastSeenAt"
    from usage_requests
    where environment_id = ${environmentId} and at >= ${from} and at < ${to} and key_id = ${keyId}
    group by 1, 2, 3 order by max(at) desc, 1, 2, 3 limit ${limit + 1}
  `.execute(db)
  return rows
}

/** The most requests of one minute (UTC); 0 when there were none. Minutes are kept for some months. */
export async function findPeakMinute(db: Db | Tx, environmentId: EnvironmentId, { keyId, from, to }: TrafficAsk): Promise<number> {
  const { rows } = await sql<{ peak: number }>`
    select coalesce(max(requests), 0)::bigint as peak from (
      select sum(requests) as requests from usage_minutes
      where environment_id = ${environmentId} and minute >= ${from} and minute < ${to} and key_id = ${keyId}
      group by minute) as minutes
  `.execute(db)
  return rows[0]?.peak ?? 0
}
