/** Spend limits: how much of each meter that costs may be used, so that a month costs no more than a workspace's cap. */
import type { EnvironmentId, PlanId, WorkspaceId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'

/** In minor units of an ISO 4217 currency. */
export interface SpendCap {
  readonly amount: number
  readonly currency: string
}

export function capOf({ spend_cap, spend_currency }: { spend_cap: number | null; spend_currency: string | null }): SpendCap | null {
  return spend_cap === null || spend_currency === null ? null : { amount: spend_cap, currency: spend_currency }
}

export interface SpendLimit {
  readonly meter: string
  /** In the running month; null: there is no limit. */
  readonly amount: number | null
  /** In the month after it, until limits are made for that. */
  readonly laterAmount: number | null
  /** What is used of the meter now. */
  readonly used: number
}

/** Sets the cap of a locked workspace, or takes it away; its limits are to be made anew. */
export async function setSpendCap(tx: Tx, workspaceId: WorkspaceId, { cap, now }: { cap: SpendCap | null; now: Date }): Promise<void> {
  await tx
    .updateTable('workspaces')
    .set({ spend_cap: cap?.amount ?? null, spend_currency: cap?.currency ?? null, spend_until: null, updated_at: now })
    .where('id', '=', workspaceId)
    .execute()
}

/** Replaces the limits of a locked workspace, whose takings are held, until the month's end; null: it has no cap. */
export async function replaceSpendLimits(
  tx: Tx, workspace: { readonly id: WorkspaceId; readonly live_environment_id: EnvironmentId },
  { limits, until }: { limits: readonly SpendLimit[]; until: Date | null },
): Promise<void> {
  const environment_id = workspace.live_environment_id
  await tx.deleteFrom('spend_limits').where('environment_id', '=', environment_id).execute()
  const rows = limits.map(({ meter, amount, laterAmount, used }) => ({ environment_id, meter, amount, later_amount: laterAmount, used, until: until ?? new Date(0) }))
  if (rows.length > 0) await tx.insertInto('spend_limits').values(rows).execute()
  await tx.updateTable('workspaces').set({ spend_until: until }).where('id', '=', workspace.id).execute()
}

/** Has limits that were made by the terms of a plan made anew, by the sweep. */
export async function outdateSpendLimits(tx: Tx, planId: PlanId): Promise<void> {
  await tx
    .updateTable('workspaces')
    .set({ spend_until: null })
    .where('spend_cap', 'is not', null)
    .where((is) => is.or([is('plan_id', '=', planId), is('next_plan_id', '=', planId)]))
    .execute()
}

/**
 * Workspaces whose limits are to be made anew: the month is another, something was used, or requests cost, which no
 * limit bounds. In the order of their ids, after one; for the sweep, which sees every workspace.
 */
export async function listToSettle(db: Db, { now, after, limit }: { now: Date; after: string; limit: number }): Promise<WorkspaceId[]> {
  const { rows } = await sql<{ id: WorkspaceId }>`
    select w.id from workspaces w
    where w.spend_cap is not null and w.id > ${after} and (
      w.spend_until is null or w.spend_until <= ${now}
      or exists (select from plans where plans.id = w.plan_id and plans.overage ? 'api.requests')
      or exists (
        select from environments e
        join spend_limits s on s.environment_id = e.id
        join meter_balances b on b.environment_id = s.environment_id and b.meter = s.meter
        where e.workspace_id = w.id and b.used <> s.used
          and b.period_start = case s.meter when 'contacts.stored' then 'epoch' else date_trunc('month', ${now}::timestamptz, 'UTC') end
      )
    )
    order by w.id limit ${limit}
  `.execute(db)
  return rows.map(({ id }) => id)
}
