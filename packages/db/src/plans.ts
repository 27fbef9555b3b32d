/** Plans: prices, rate limits, quotas and features that many workspaces share. */
import type { PlanId, WorkspaceId } from '@letterlock/contract'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import { holdTakings } from './hold-takings.ts'
import type { StoredRateLimit } from './keys.ts'
import { orTaken } from './or-taken.ts'
import type { Plans } from './schema.ts'

/** How much of each meter may be used; a meter that is not named has no limit. */
export type Quotas = Record<string, number>

/** Amounts by meter. */
export type Amounts = Record<string, number>

/** What is used beyond the included amount costs `price` minor units for each `per` units. */
export interface OveragePrice {
  readonly price: number
  readonly per: number
}

export type PlanRow = Omit<Selectable<Plans>, 'id' | keyof typeof listed> & {
  id: PlanId
  rate_limits: StoredRateLimit[]
  quotas: Quotas
  soft_quotas: Quotas
  included: Amounts
  overage: Record<string, OveragePrice>
  features: string[]
}

export interface PlanTerms {
  readonly name: string
  readonly rateLimits: readonly StoredRateLimit[]
  /** In minor units of an ISO 4217 currency, for a month. */
  readonly price: { readonly amount: number; readonly currency: string }
  readonly included: Amounts
  readonly overage: Readonly<Record<string, OveragePrice>>
  /** Nothing beyond them is allowed. */
  readonly quotas: Quotas
  /** What is beyond them is allowed all the same. */
  readonly softQuotas: Quotas
  readonly features: readonly string[]
}

export interface NewPlan extends PlanTerms {
  readonly id: PlanId
  readonly now: Date
}

/** Null when another plan has the name. */
export async function insertPlan(tx: Tx, { id, now, ...terms }: NewPlan): Promise<PlanRow | null> {
  const row = await tx
    .insertInto('plans')
    .values({ id, ...columnsOf(terms), name: terms.name, created_at: now, updated_at: now })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returningAll()
    .$castTo<PlanRow>() // columns as they were inserted
    .executeTakeFirst()
  if (row) await noteTerms(tx, row, now)
  return row ?? null
}

/** Keeps what a plan costs from a time on. */
async function noteTerms(tx: Tx, { id, price, currency, included, overage }: PlanRow, now: Date): Promise<void> {
  const terms = { price, currency, included: JSON.stringify(included), overage: JSON.stringify(overage) }
  await tx
    .insertInto('plan_terms')
    .values({ plan_id: id, from_at: now, ...terms })
    .onConflict((conflict) => conflict.columns(['plan_id', 'from_at']).doUpdateSet(terms))
    .execute()
}

export async function findPlan(tx: Tx, id: PlanId): Promise<PlanRow | null> {
  return (await selectPlans(tx).where('id', '=', id).executeTakeFirst()) ?? null
}

export async function findPlanByName(db: Db | Tx, name: string): Promise<PlanRow | null> {
  const row = await selectPlans(db).where('name', '=', name).executeTakeFirst()
  return row ?? null
}

/** The plan, and nobody else changes it until the transaction ends. Lock a plan before its workspaces, never after. */
export async function lockPlan(tx: Tx, id: PlanId): Promise<PlanRow | null> {
  const row = await selectPlans(tx).where('id', '=', id).forUpdate().executeTakeFirst()
  return row ?? null
}

/** Newest first; up to `limit + 1` plans older than `before`. */
export function listPlans(db: Db | Tx, page: { limit: number; before?: string | undefined }): Promise<PlanRow[]> {
  const { limit, before } = page
  return selectPlans(db)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
}

/** New values of a plan; what is absent stays. */
export type PlanChange = { readonly [K in keyof PlanTerms]?: PlanTerms[K] | undefined }

/** Changes a locked plan. `taken`: another plan has the name; the transaction has to end then. */
export async function updatePlan(
  tx: Tx, id: PlanId, { change, now }: { change: PlanChange; now: Date },
): Promise<PlanRow | 'taken'> {
  const update = tx
    .updateTable('plans')
    .set({ ...columnsOf(change), updated_at: now })
    .where('id', '=', id)
    .returningAll()
    .$castTo<PlanRow>() // columns as they were inserted
  const row = await orTaken(() => update.executeTakeFirstOrThrow())
  if (row !== 'taken' && (change.price ?? change.included ?? change.overage)) await noteTerms(tx, row, now)
  return row
}

/** Locks the workspaces of a locked plan in the order of their ids; the plan is no longer that of any which left meanwhile. */
export async function lockWorkspacesOfPlan(tx: Tx, id: PlanId): Promise<WorkspaceId[]> {
  const rows = await tx
    .selectFrom('workspaces')
    .select('id')
    .where('plan_id', '=', id)
    .orderBy('id')
    .forNoKeyUpdate()
    .$castTo<{ id: WorkspaceId }>()
    .execute()
  return rows.map((row) => row.id)
}

/**
 * Makes the quotas of the live environments those of the plans, where the workspaces have none of their own.
 * The workspaces are locked, so that of two who settle the same one the second sees all that the first left. A taking
 * is committed before and bound by the old quota, or after and bound by the new one.
 */
export async function settleQuotas(tx: Tx, workspaceIds: readonly WorkspaceId[], now: Date): Promise<void> {
  await holdTakings(tx, workspaceIds, { now })
  await sql`
    with settled as (
      select environments.id, workspaces.plan_id
      from workspaces join environments on environments.workspace_id = workspaces.id and environments.mode = 'live'
      where workspaces.id = any(${workspaceIds}::text[])
    ), planned as (
      select settled.id as environment_id, bound.meter,
        (plans.quotas ->> bound.meter)::bigint as amount, (plans.soft_quotas ->> bound.meter)::bigint as soft_amount
      from settled join plans on plans.id = settled.plan_id
      cross join jsonb_object_keys(plans.quotas || plans.soft_quotas) as bound (meter)
    ), gone as (
      delete from quotas using settled
      where quotas.environment_id = settled.id and quotas.origin = 'plan'
        and not exists (
          select from planned where planned.environment_id = quotas.environment_id and planned.meter = quotas.meter
        )
    )
    insert into quotas (environment_id, meter, amount, soft_amount, origin)
    select environment_id, meter, amount, soft_amount, 'plan' from planned
    on conflict (environment_id, meter) do update set amount = excluded.amount, soft_amount = excluded.soft_amount
    where quotas.origin = 'plan'
  `.execute(tx)
}

// their columns of JSON; pg would send an array as a PostgreSQL array
const listed = { rate_limits: 'rateLimits', quotas: 'quotas', soft_quotas: 'softQuotas', included: 'included', overage: 'overage', features: 'features' } as const

function columnsOf({ name, price, ...given }: PlanChange) {
  return {
    ...(name !== undefined && { name }),
    ...(price && { price: price.amount, currency: price.currency }),
    ...Object.fromEntries(
      Object.entries(listed).flatMap(([column, member]) => (given[member] ? [[column, JSON.stringify(given[member])]] : [])),
    ),
  }
}

function selectPlans(db: Db | Tx) {
  return db.selectFrom('plans').selectAll().$castTo<PlanRow>() // columns as they were inserted
}
