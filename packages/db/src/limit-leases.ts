/** Leases of rate limits: tokens that a node takes at once from a bucket that all nodes share. */
import { sql } from 'kysely'
import type { Db } from './connect.ts'

/** What a node wants of a bucket; levels are `tokens * periodMs` high and `count` drains away per millisecond. */
export interface LeaseDemand {
  readonly bucket: string
  readonly count: number
  readonly periodMs: number
  readonly capacity: number
  readonly tokens: number
}

/**
 * Grants of each demand what fits, in one statement and in the order given, which has to be by bucket, each once.
 * The race it decides: nodes queue at the row of a bucket and each sees the level the one before left; rows are
 * locked in the same order by all, so none waits in a circle. The time is that of the database, since nodes differ:
 * a statement that waited for a row is older than what it finds there, which then drains nothing.
 * The product is of no more time than the level takes to drain, so that it cannot overflow.
 */
export async function takeLeases(
  db: Db,
  demands: readonly LeaseDemand[],
): Promise<{ readonly tokens: number; readonly level: number }[]> {
  const { rows } = await sql<{ bucket: string; tokens: number; level: number }>`
    insert into limit_leases as lease (bucket, count, period_ms, capacity, wanted, granted, level, at_ms)
    select bucket, count, period_ms, capacity, wanted, granted, granted * period_ms, at_ms
    from unnest(
      ${demands.map(({ bucket }) => bucket)}::text[], ${demands.map(({ count }) => count)}::bigint[],
      ${demands.map(({ periodMs }) => periodMs)}::bigint[], ${demands.map(({ capacity }) => capacity)}::bigint[],
      ${demands.map(({ tokens }) => tokens)}::bigint[]
    ) as demand (bucket, count, period_ms, capacity, wanted),
    least(wanted, capacity / period_ms) as granted,
    cast(floor(extract(epoch from statement_timestamp()) * 1000) as bigint) as at_ms
    order by bucket
    on conflict (bucket) do update set (count, period_ms, capacity, wanted, granted, level, at_ms) = (
      select excluded.count, excluded.period_ms, excluded.capacity, excluded.wanted, tokens,
        drained + tokens * excluded.period_ms, greatest(lease.at_ms, excluded.at_ms)
      from greatest(0, lease.level - excluded.count
        * least(greatest(0, excluded.at_ms - lease.at_ms), lease.level / excluded.count + 1)) as drained,
      greatest(0, least(excluded.wanted, (excluded.capacity - drained) / excluded.period_ms)) as tokens
    )
    returning bucket, granted as tokens, level
  `.execute(db)
  const grants = new Map(rows.map(({ bucket, tokens, level }) => [bucket, { tokens, level }]))
  return demands.map(({ bucket }) => {
    const grant = grants.get(bucket)
    if (!grant) throw new Error('an upsert returns each row')
    return grant
  })
}

/** Removes buckets that have drained, for they say nothing; returns how many. */
export async function deleteDrained(db: Db): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from limit_leases
    where at_ms + level / count + 1 < extract(epoch from statement_timestamp()) * 1000
  `.execute(db)
  return Number(numAffectedRows ?? 0)
}
