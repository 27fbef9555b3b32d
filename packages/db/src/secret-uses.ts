/** Who uses which secret version of a key, out of the records of requests. */
import type { EnvironmentId, KeyId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'

/** Requests of one caller with one secret version. */
export interface SecretCaller {
  readonly version: number
  readonly ip: string | null
  readonly userAgent: string | null
  /** Those that were let in, and those that were refused because the version had retired. */
  readonly requests: number
  readonly refused: number
  readonly firstSeenAt: Date
  readonly lastSeenAt: Date
}

export interface SecretUses {
  /** Up to `limit + 1`: the oldest versions first, of each who used it last. */
  readonly callers: readonly SecretCaller[]
  /** Requests that were let in, by version. */
  readonly requestsOf: ReadonlyMap<number, number>
  /** Records before then were not looked at, or are kept no longer. */
  readonly from: Date
}

/** So many records of the environment are looked at, the newest, whosever they are: what an answer may cost. */
const recordsExamined = 100_000

/** Splits the requests of a key within a time by secret version and caller; `version` asks for the callers of that one alone. */
export async function splitUses(
  db: Db | Tx,
  environmentId: EnvironmentId,
  { keyId, from, to, version = null, limit }: { keyId: KeyId; from: Date; to: Date; version?: number | null; limit: number },
): Promise<SecretUses> {
  const { rows } = await sql<Row>`
    with examined as materialized (
      select at, key_id, secret_version, outcome, ip, user_agent from usage_requests
      where environment_id = ${environmentId} and at >= ${from} and at <= ${to} order by at desc limit ${recordsExamined}
    ), callers as materialized (
      select secret_version as version, ip, user_agent as "userAgent",
        count(*) filter (where outcome <> 'retired_secret')::int as requests,
        count(*) filter (where outcome = 'retired_secret')::int as refused,
        min(at) as "firstSeenAt", max(at) as "lastSeenAt"
      from examined where key_id = ${keyId} and secret_version is not null group by 1, 2, 3
    ), totals as (
      select (select case when count(*) = ${recordsExamined} then min(at) end from examined) as oldest,
        (select jsonb_object_agg(version, requests) from (select version, sum(requests) as requests from callers group by 1) as v) as "requestsOf"
    )
    select * from totals left join callers on coalesce(version = ${version}::int, true)
    order by version, "lastSeenAt" desc
    limit ${limit + 1}
  `.execute(db)
  const { oldest = null, requestsOf = null } = rows[0] ?? {}
  return {
    callers: rows.filter((row): row is Row & SecretCaller => row.version !== null).map(({ oldest: _, requestsOf: __, ...caller }) => caller),
    requestsOf: new Map(Object.entries(requestsOf ?? {}).map(([of, requests]) => [Number(of), requests])),
    from: oldest ?? from,
  }
}

type Row = { [Name in keyof SecretCaller]: SecretCaller[Name] | null } & {
  readonly oldest: Date | null
  readonly requestsOf: Record<string, number> | null
}
