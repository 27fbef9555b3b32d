/** Usage for people to look at: what was counted and recorded of requests, and what the meters took. */
import type { EnvironmentId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import { findUsed, meterPeriod } from './meters.ts'
import { type DaySum, sumRequestsByDay, uncounted } from './usage-series.ts'

export { type AttemptCount, type AttemptSum, listAttempts } from './usage-attempts.ts'
export { deleteOldBatches, type RequestRecords, saveUsageBatch, type UsageBatch, type UsageCount } from './usage-batches.ts'
export { createPartitionsAhead, dropOldPartitions, firstOpenDay } from './usage-partitions.ts'
export { countDropped, listRequests, listRequestsInOrder, type RequestInOrder, type RequestRow, type RequestSearch } from './usage-requests.ts'
export { lockRetention, readRetention, setRetention, type UsageRetention } from './usage-retention.ts'
export { readSeries, type RequestSum, type SeriesAsk, type SeriesPoint, sumRequests, type UsageStep } from './usage-series.ts'

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

/** What an environment used from `from` until before `to`; what is stored is a level, the rest are sums. */
export async function readUsage(
  db: Db | Tx,
  environmentId: EnvironmentId,
  { from, to, now }: { from: Date; to: Date; now: Date },
): Promise<{ meters: MeterUsage[]; series: UsagePoint[] }> {
  const limits = await listLimits(db, environmentId, now)
  const requests = await sumRequestsByDay(db, environmentId, { from, to, without: uncounted })
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

/** The level at the end of each day on which it changed, counted back from the level of now. */
function levelsOf(level: number, changes: readonly DaySum[]): DaySum[] {
  const levels: DaySum[] = []
  for (const { day, used } of changes.toReversed()) {
    levels.unshift({ day, used: level })
    level -= used
  }
  return levels
}

function named(meter: string, days: readonly DaySum[]): UsagePoint[] {
  return days.map(({ day, used }) => ({ day, meter, used }))
}

function sum(days: readonly DaySum[]): number {
  return days.reduce((total, { used }) => total + used, 0)
}

async function listLimits(db: Db | Tx, environmentId: EnvironmentId, now: Date): Promise<Map<string, number>> {
  const { rows } = await sql<{ meter: string; amount: number | null }>`
    select meter, meter_limit(${environmentId}, meter, ${now}::timestamptz) as amount from (
      select meter from quotas where environment_id = ${environmentId}
      union select meter from spend_limits where environment_id = ${environmentId}
    ) as limited
  `.execute(db)
  return new Map(rows.flatMap(({ meter, amount }) => (amount === null ? [] : [[meter, amount]])))
}

async function takenByDay(
  db: Db | Tx,
  environmentId: EnvironmentId,
  { meter, from, to }: { meter: string; from: Date; to: Date | null },
): Promise<DaySum[]> {
  const { rows } = await sql<DaySum>`
    select to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day, sum(amount)::bigint as used
    from meter_ledger
    where environment_id = ${environmentId} and meter = ${meter} and at >= ${from}
      and at < coalesce(${to}::timestamptz, 'infinity')
    group by 1 order by 1
  `.execute(db)
  return rows
}
