/** Crossings: quotas of which so much is used that people should know. */
import type { WorkspaceId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db } from './connect.ts'
import { meterPeriod } from './meters.ts'

/** Per cent of a quota that are used when an alert is raised. */
const thresholds = [50, 80, 100]

/** A threshold that was reached, and of which no alert was raised. */
export interface Crossing {
  readonly workspaceId: WorkspaceId
  readonly meter: string
  /** The month (UTC) in which it was reached; of a level, the month of now. */
  readonly month: string
  readonly percent: number
  readonly used: number
  readonly quota: number
  /** Whether more is allowed all the same. */
  readonly isSoft: boolean
}

/** What makes an alert of a crossing another than the next: a quota that was changed has its thresholds anew. */
export function occasionOf({ month, percent, quota }: Crossing): string {
  return `${month}:${percent}:${quota}`
}

/**
 * Crossings within the period that was running at `since` or is at `now`, without those whose alert was raised.
 * For the sweep, which sees every workspace; at most `limit`, any of them.
 */
export async function listCrossings(
  db: Db, { since, now, limit }: { readonly since: Date; readonly now: Date; readonly limit: number },
): Promise<Crossing[]> {
  const months = [since, now].map((at) => meterPeriod('emails.sent', at).start)
  const { rows } = await sql<Crossing>`
    with running as (
      select e.workspace_id, b.meter, b.used, bound.quota, bound.is_soft,
        to_char(case when b.period_start = 'epoch' then ${now}::timestamptz else b.period_start end at time zone 'UTC', 'YYYY-MM') as month
      from quotas q
      join environments e on e.id = q.environment_id
      join meter_balances b on b.environment_id = q.environment_id and b.meter = q.meter
        and b.period_start = any(${[...months, new Date(0)]}::timestamptz[])
      cross join lateral (values (q.amount, false), (q.soft_amount, true)) as bound (quota, is_soft)
      where b.used > 0 and b.used * 2 >= bound.quota
    )
    select workspace_id as "workspaceId", meter, month, percent, used, quota, is_soft as "isSoft"
    from running cross join unnest(${thresholds}::integer[]) as percent
    where used::numeric * 100 >= quota::numeric * percent and not exists (
      select from alerts a
      where a.workspace_id = running.workspace_id and a.kind = 'quota.threshold' and a.subject = running.meter
        and a.occasion = month || ':' || percent || ':' || quota
    )
    order by workspace_id, meter, month, quota, percent
    limit ${limit}
  `.execute(db)
  return rows
}
