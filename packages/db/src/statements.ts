/** Statements: what workspaces owe for a month, made once from the ledger, and what is needed to make them. */
import { type EnvironmentId, newId, type PlanId, type StatementId, type WorkspaceId } from '@letterlock/contract'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import { meterPeriod } from './meters.ts'
import type { Statements } from './schema.ts'
import { sumRequestsByDay, uncounted } from './usage-series.ts'

/** What one part of a month on a plan costs; amounts in minor units. Times are RFC 3339, `to` is not included. */
export type StatementLine = PriceLine | UsageLine | AdjustmentLine

interface OfSpan {
  readonly planId: PlanId
  readonly planName: string
  readonly from: string
  readonly to: string
  readonly amount: number
}

/** The part of the price that falls to the time. */
export interface PriceLine extends OfSpan {
  readonly kind: 'price'
}

/** What was used of a meter, and what is beyond the included amount. */
export interface UsageLine extends OfSpan {
  readonly kind: 'usage'
  readonly meter: string
  readonly used: number
  readonly included: number
  readonly overage: number
  readonly price: number
  readonly per: number
}

/** What became known of the month before after its statement: by how much use, and its cost, were higher (or lower). */
export interface AdjustmentLine extends OfSpan {
  readonly kind: 'adjustment'
  readonly statementId: StatementId
  readonly meter: string
  readonly used: number
}

export type StatementRow = Omit<Selectable<Statements>, 'id' | 'workspace_id' | 'lines'> & {
  id: StatementId
  workspace_id: WorkspaceId
  lines: StatementLine[]
}

export interface NewStatement {
  readonly month: Date
  readonly currency: string
  readonly lines: readonly StatementLine[]
  readonly now: Date
}

/** Keeps a statement; false when the month has one already. */
export async function insertStatement(tx: Tx, workspaceId: WorkspaceId, { month, currency, lines, now }: NewStatement): Promise<boolean> {
  const total = lines.reduce((sum, { amount }) => sum + amount, 0)
  const result = await tx
    .insertInto('statements')
    .values({ id: newId('statement'), workspace_id: workspaceId, month, currency, total, lines: JSON.stringify(lines), at: now })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'month', 'currency']).doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Newest first; up to `limit + 1` statements. */
export function listStatements(
  db: Db | Tx, workspaceId: WorkspaceId, { limit, before }: { limit: number; before?: string | undefined },
): Promise<StatementRow[]> {
  return selectStatements(db)
    .where('workspace_id', '=', workspaceId)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
}

/** The statements of a month, one for each currency. */
export function listStatementsOf(db: Db | Tx, workspaceId: WorkspaceId, month: Date): Promise<StatementRow[]> {
  return selectStatements(db).where('workspace_id', '=', workspaceId).where('month', '=', month).orderBy('currency').execute()
}

/** For management, which sees every workspace. */
export async function findStatement(db: Db | Tx, id: StatementId): Promise<StatementRow | null> {
  return (await selectStatements(db).where('id', '=', id).executeTakeFirst()) ?? null
}

/**
 * What was used of a meter from `from` until before `to`: the sum of what was taken and given back, of a level the most
 * that there was at once, of `api.requests` those that were served or asked for what does not fit. These are counted by whole
 * hours, which are kept for ever; one that began before `from` is not of it, one that begins before `to` is.
 */
export async function readUsed(
  db: Db | Tx, environmentId: EnvironmentId, { meter, from, to }: { meter: string; from: Date; to: Date },
): Promise<number> {
  if (meter === 'api.requests') {
    const days = await sumRequestsByDay(db, environmentId, { from: nextHour(from), to: nextHour(to), without: uncounted })
    return days.reduce((sum, { used }) => sum + used, 0)
  }
  const isLevel = meterPeriod(meter, from).resetsAt === null
  const { rows: [row] } = await (isLevel ? peak : sum)(environmentId, { meter, from, to }).execute(db)
  return Math.max(0, row?.used ?? 0)
}

function nextHour(at: Date): Date {
  return new Date(Math.ceil(at.getTime() / 3_600_000) * 3_600_000)
}

type Part = { readonly meter: string; readonly from: Date; readonly to: Date }

function sum(environmentId: EnvironmentId, { meter, from, to }: Part) {
  return sql<{ used: number }>`
    select coalesce(sum(amount), 0)::bigint as used from meter_ledger
    where environment_id = ${environmentId} and meter = ${meter} and at >= ${from} and at < ${to}`
}

// what is taken and given at the same time counts together
function peak(environmentId: EnvironmentId, { meter, from, to }: Part) {
  return sql<{ used: number }>`
    with ledger as (
      select at, amount from meter_ledger where environment_id = ${environmentId} and meter = ${meter} and at < ${to}
    ), level as (
      select at, sum(amount) over (order by at) as amount from ledger
    )
    select greatest(
      (select coalesce(sum(amount), 0) from ledger where at < ${from}),
      (select coalesce(max(amount), 0) from level where at >= ${from})
    )::bigint as used`
}

/** A month whose statements are being made; nobody else makes them until the transaction ends. */
export interface OpenMonth {
  readonly month: Date
  readonly through: string
}

/**
 * The oldest month that ended by `endedBy` and whose statements are not all made; null when there is none, or when
 * another node is at it.
 */
export async function lockOpenMonth(tx: Tx, endedBy: Date): Promise<OpenMonth | null> {
  const { rows: [known] } = await sql<{ open: Date | null; last: Date | null; first: Date | null }>`
    select (select min(month) from statement_months where closed_at is null) as open,
      (select max(month) from statement_months) as last,
      (select date_trunc('month', min(from_at), 'UTC') from plan_spans) as first
  `.execute(tx)
  const next = known?.open ?? (known?.last ? nextMonth(known.last) : known?.first)
  if (!next || nextMonth(next) > endedBy) return null
  await sql`insert into statement_months (month) values (${next}) on conflict do nothing`.execute(tx)
  const { rows: [open] } = await sql<OpenMonth>`
    select month, through_workspace_id as through from statement_months
    where month = ${next} and closed_at is null for update skip locked
  `.execute(tx)
  return open ?? null
}

/** Workspaces that have ever been on a plan, in the order of their ids, after those that are done. */
export async function listToState(tx: Tx, { through }: OpenMonth, limit: number): Promise<WorkspaceId[]> {
  const { rows } = await sql<{ workspace_id: WorkspaceId }>`
    select workspace_id from plan_spans where workspace_id > ${through}
    group by workspace_id order by workspace_id limit ${limit}
  `.execute(tx)
  return rows.map((row) => row.workspace_id)
}

/** Notes how far a locked month is; `closedAt`: all of it is done. */
export async function noteProgress(tx: Tx, month: Date, { through, closedAt }: { through: string; closedAt: Date | null }): Promise<void> {
  await tx
    .updateTable('statement_months')
    .set({ through_workspace_id: through, closed_at: closedAt })
    .where('month', '=', month)
    .execute()
}

/** The start of the month after; UTC. */
export function nextMonth(month: Date): Date {
  return new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1))
}

function selectStatements(db: Db | Tx) {
  return db.selectFrom('statements').selectAll().$castTo<StatementRow>() // ids and lines as they were inserted
}
