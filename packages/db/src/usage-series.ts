/** Sums of the roll-ups: by time, and by key, operation or outcome. */
import { type EnvironmentId, errorCodes, type KeyId } from '@letterlock/contract'
import { type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import { dayMs } from './usage-partitions.ts'

export type UsageStep = 'minute' | 'hour' | 'day'

export interface SeriesAsk {
  readonly from: Date
  /** Before this time. */
  readonly to: Date
  /** How long each point is. Minutes are kept for some months only. */
  readonly step: UsageStep
  /** One series each; absent: one series of all. */
  readonly by?: 'key' | 'operation' | 'outcome' | undefined
  readonly keyId?: KeyId | undefined
  readonly operation?: string | undefined
  readonly outcome?: string | undefined
  /** At most so many series, those with the most requests; the rest is one more, named `others`. */
  readonly most?: number | undefined
}

export interface SeriesPoint {
  /** The start of the minute, hour or day (UTC). */
  readonly at: Date
  /** A key id, an operation or an outcome; '' when all are one. */
  readonly name: string
  readonly requests: number
}

/** Requests over time, oldest first; points at which there were none are left out. `from` counts from its step on. */
export async function readSeries(db: Db | Tx, environmentId: EnvironmentId, ask: SeriesAsk): Promise<SeriesPoint[]> {
  const { from, to, step, by, keyId, operation, outcome, most } = ask
  const at = sql.ref(step)
  const name = by === undefined ? sql`''` : sql.ref(seriesColumns[by])
  const filters = [
    sql`environment_id = ${environmentId}`, sql`${at} >= ${from}`, sql`${at} < ${to}`,
    ...(keyId === undefined ? [] : [sql`key_id = ${keyId}`]),
    ...(operation === undefined ? [] : [sql`operation = ${operation}`]),
    ...(outcome === undefined ? [] : [sql`outcome = ${outcome}`]),
  ]
  const counted = sql<SeriesPoint>`
    select ${at} as at, ${name} as name, sum(requests)::bigint as requests from ${sql.table(`usage_${step}s`)}
    where ${sql.join(filters, sql` and `)} group by 1, 2 order by 1, 2`
  const { rows } = await (most === undefined ? counted : foldTail(counted, most)).execute(db)
  return rows
}

function foldTail(counted: RawBuilder<SeriesPoint>, most: number) {
  return sql<SeriesPoint>`
    with counted as (${counted}),
    most as (select name from counted group by 1 order by sum(requests) desc, 1 limit ${most})
    select at, case when name in (select name from most) then name else 'others' end as name, sum(requests)::bigint as requests
    from counted group by 1, 2 order by 1, 2
  `
}

const seriesColumns = { key: 'key_id', operation: 'operation', outcome: 'outcome' } as const

const codes = Object.entries(errorCodes)
/** A request counts when it was served: not refused, not stopped by a limit, not failed by us. */
export const uncounted: readonly string[] = codes
  .filter(([, { status }]) => [401, 403, 429].includes(status) || status >= 500).map(([code]) => code)

export interface DaySum {
  /** `2026-11-22`, UTC. */
  readonly day: string
  readonly used: number
}

/** Requests by day from `from` until before `to`, without those of some outcomes. */
export async function sumRequestsByDay(
  db: Db | Tx,
  environmentId: EnvironmentId,
  { from, to, without }: { from: Date; to: Date; without: readonly string[] },
): Promise<DaySum[]> {
  const { rows } = await sql<DaySum>`
    select to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day, sum(requests)::bigint as used
    from (${counted(environmentId, [from, to])}) as counted
    where outcome <> all(${without})
    group by 1 order by 1
  `.execute(db)
  return rows
}

export interface RequestSum {
  /** A key id, an operation or an outcome. */
  readonly name: string
  readonly requests: number
}

/** Requests from `from` until before `to` by key, operation or outcome; the `most` with the most requests, those first. */
export async function sumRequests(
  db: Db | Tx,
  environmentId: EnvironmentId,
  { from, to, by, most }: { from: Date; to: Date; by: 'key' | 'operation' | 'outcome'; most: number },
): Promise<RequestSum[]> {
  const { rows } = await sql<RequestSum>`
    select ${sql.ref(seriesColumns[by])} as name, sum(requests)::bigint as requests
    from (${counted(environmentId, [from, to])}) as counted
    group by 1 order by 2 desc, 1 limit ${most}
  `.execute(db)
  return rows
}

/**
 * The counts of a span, each request once: whole days come from the days, what is left at both ends from the hours, and
 * what is left of those from the minutes.
 */
function counted(environmentId: EnvironmentId, [from, to]: Span) {
  const { days, hours, minutes } = splitSpan(from, to)
  const of = (table: string, column: string, [start, end]: Span) => sql`
    select ${sql.ref(column)} as at, key_id, operation, outcome, requests from ${sql.table(table)}
    where environment_id = ${environmentId} and ${sql.ref(column)} >= ${start} and ${sql.ref(column)} < ${end}`
  return sql`
    ${of('usage_days', 'day', days)} union all
    ${of('usage_hours', 'hour', hours[0])} union all ${of('usage_hours', 'hour', hours[1])} union all
    ${of('usage_minutes', 'minute', minutes[0])} union all ${of('usage_minutes', 'minute', minutes[1])}`
}

/** From the first until before the second; empty when the second is not later. */
type Span = readonly [Date, Date]

/** A span of time as whole days, whole hours on both sides of them, and the minutes outside of those. */
function splitSpan(from: Date, to: Date): { days: Span; hours: [Span, Span]; minutes: [Span, Span] } {
  const [day, hour] = [inner(from, to, dayMs), inner(from, to, hourMs)]
  if (!hour) return { days: nothing, hours: [nothing, nothing], minutes: [[from, to], nothing] }
  const minutes: [Span, Span] = [[from, hour[0]], [hour[1], to]]
  if (!day) return { days: nothing, hours: [hour, nothing], minutes }
  return { days: day, hours: [[hour[0], day[0]], [day[1], hour[1]]], minutes }
}

/** The whole units within a span; null when there is none. */
function inner(from: Date, to: Date, unitMs: number): Span | null {
  const start = Math.ceil(from.getTime() / unitMs) * unitMs
  const end = Math.floor(to.getTime() / unitMs) * unitMs
  return start < end ? [new Date(start), new Date(end)] : null
}

const hourMs = 3_600_000
const nothing: Span = [new Date(0), new Date(0)]
