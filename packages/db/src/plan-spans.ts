/** Which plan a workspace was on when, and what the plan cost then. */
import type { PlanId, WorkspaceId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import type { Amounts, OveragePrice } from './plans.ts'

/** Part of a month on one plan. */
export interface PlanSpan {
  readonly planId: PlanId
  readonly planName: string
  readonly from: Date
  /** Not included. */
  readonly to: Date
  /** Minor units of the currency for a whole month. */
  readonly price: number
  readonly currency: string
  readonly included: Amounts
  readonly overage: Readonly<Record<string, OveragePrice>>
}

/** Puts a locked workspace on a locked plan, or on none, from a time on; what was planned is no more. Afterwards `settleQuotas`. */
export async function putOnPlan(
  tx: Tx, workspaceId: WorkspaceId, { planId, at, now }: { planId: PlanId | null; at: Date; now: Date },
): Promise<void> {
  await tx
    .updateTable('workspaces')
    .set({ plan_id: planId, next_plan_id: null, next_plan_at: null, updated_at: now })
    .where('id', '=', workspaceId)
    .execute()
  await tx
    .insertInto('plan_spans')
    .values({ workspace_id: workspaceId, from_at: at, plan_id: planId })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'from_at']).doUpdateSet({ plan_id: planId }))
    .execute()
}

/** Notes the plan that a locked workspace comes to at a time; null: it stays where it is. */
export async function planNext(
  tx: Tx, workspaceId: WorkspaceId, { next, now }: { next: { planId: PlanId | null; at: Date } | null; now: Date },
): Promise<void> {
  await tx
    .updateTable('workspaces')
    .set({ next_plan_id: next?.planId ?? null, next_plan_at: next?.at ?? null, updated_at: now })
    .where('id', '=', workspaceId)
    .execute()
}

/** Workspaces that should be on another plan by now, those due first. For the sweep, which sees every workspace. */
export async function listDueChanges(db: Db, { now, limit }: { now: Date; limit: number }): Promise<WorkspaceId[]> {
  const rows = await db
    .selectFrom('workspaces')
    .select('id')
    .where('next_plan_at', '<=', now)
    .orderBy('next_plan_at')
    .limit(limit)
    .$castTo<{ id: WorkspaceId }>()
    .execute()
  return rows.map(({ id }) => id)
}

/**
 * The parts of a time that a workspace was on plans, oldest first. What a plan cost is what held when the part began:
 * a change of its terms concerns later months, and workspaces that come to it later.
 */
export async function listSpans(db: Db | Tx, workspaceId: WorkspaceId, { from, to }: { from: Date; to: Date }): Promise<PlanSpan[]> {
  const { rows } = await sql<PlanSpan>`
    select s.plan_id as "planId", plans.name as "planName", span.start as "from", span.ends as "to",
      t.price, t.currency, t.included, t.overage
    from (
      select plan_id, from_at, lead(from_at, 1, 'infinity') over (order by from_at) as next_at
      from plan_spans where workspace_id = ${workspaceId}
    ) s
    cross join lateral (select greatest(s.from_at, ${from}) as start, least(s.next_at, ${to}) as ends) as span
    join plans on plans.id = s.plan_id
    join lateral (
      select price, currency, included, overage from plan_terms
      where plan_terms.plan_id = s.plan_id
      order by plan_terms.from_at <= span.start desc, abs(extract(epoch from plan_terms.from_at - span.start))
      limit 1
    ) t on true
    where span.start < span.ends
    order by span.start
  `.execute(db)
  return rows
}
