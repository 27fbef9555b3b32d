/** Workspaces with their two environments. */
import type { EnvironmentId, PlanId, WorkspaceId } from '@letterlock/contract'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import { holdTakings } from './hold-takings.ts'
import type { StoredRateLimit } from './keys.ts'
import type { Workspaces } from './schema.ts'

export type WorkspaceStatus = 'active' | 'suspended'

/** A workspace and the ids of its environments. */
export type WorkspaceRow = Omit<Selectable<Workspaces>, 'id' | 'status' | 'plan_id' | 'next_plan_id' | 'rate_limits'> & {
  id: WorkspaceId
  status: WorkspaceStatus
  plan_id: PlanId | null
  /** The plan that it comes to at `next_plan_at`; null without a time: nothing is planned. */
  next_plan_id: PlanId | null
  /** Of each environment, beside those of its keys and its plan. */
  rate_limits: StoredRateLimit[]
  /** Of its plan. */
  features: string[]
  live_environment_id: EnvironmentId
  test_environment_id: EnvironmentId
}

export interface NewWorkspace {
  id: WorkspaceId
  name: string
  liveEnvironmentId: EnvironmentId
  testEnvironmentId: EnvironmentId
  /** How much of each meter the live environment may use in a month; without an entry there is no limit. */
  quotas?: Readonly<Record<string, number | undefined>>
  now: Date
}

/** Creates an active workspace and its environments `live` and `test`. */
export async function insertWorkspace(tx: Tx, workspace: NewWorkspace): Promise<void> {
  const { id, name, now, liveEnvironmentId, testEnvironmentId, quotas = {} } = workspace
  const environment = { workspace_id: id, created_at: now }
  await tx
    .insertInto('workspaces')
    .values({ id, name, status: 'active', created_at: now, updated_at: now })
    .execute()
  await tx
    .insertInto('environments')
    .values([{ ...environment, id: liveEnvironmentId, mode: 'live' }, { ...environment, id: testEnvironmentId, mode: 'test' }])
    .execute()
  const amounts = Object.entries(quotas).flatMap(([meter, amount]) =>
    amount === undefined ? [] : [{ environment_id: liveEnvironmentId, meter, amount }],
  )
  if (amounts.length > 0) await tx.insertInto('quotas').values(amounts).execute()
}

export async function findWorkspace(db: Db | Tx, workspaceId: WorkspaceId): Promise<WorkspaceRow | null> {
  const row = await selectWorkspaces(db).where('workspaces.id', '=', workspaceId).executeTakeFirst()
  return row ?? null
}

/** As `findWorkspace`, and nobody else changes the workspace until the transaction ends. */
export async function lockWorkspace(tx: Tx, workspaceId: WorkspaceId): Promise<WorkspaceRow | null> {
  const row = await selectWorkspaces(tx).where('workspaces.id', '=', workspaceId).forNoKeyUpdate('workspaces').executeTakeFirst()
  return row ?? null
}

/** @throws when there is no such workspace */
export function getWorkspace(db: Db | Tx, workspaceId: WorkspaceId): Promise<WorkspaceRow> {
  return selectWorkspaces(db).where('workspaces.id', '=', workspaceId).executeTakeFirstOrThrow()
}

/** Newest first; up to `limit + 1` rows older than `before`. */
export function listWorkspaces(
  db: Db | Tx, page: { limit: number; before?: string | undefined },
): Promise<WorkspaceRow[]> {
  const { limit, before } = page
  return selectWorkspaces(db)
    .$if(before !== undefined, (query) => query.where('workspaces.id', '<', before ?? ''))
    .orderBy('workspaces.id', 'desc')
    .limit(limit + 1)
    .execute()
}

/** False when there is no such workspace or it has that status already. */
export async function setWorkspaceStatus(
  tx: Tx, workspaceId: WorkspaceId, change: { status: WorkspaceStatus; now: Date },
): Promise<boolean> {
  const result = await tx
    .updateTable('workspaces')
    .set({ status: change.status, updated_at: change.now })
    .where('id', '=', workspaceId)
    .where('status', '<>', change.status)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** New values of a workspace; what is absent stays. */
export interface WorkspaceChange {
  name?: string | undefined
  rateLimits?: readonly StoredRateLimit[] | undefined
}

/** Changes a workspace that exists. */
export async function updateWorkspace(
  tx: Tx, workspaceId: WorkspaceId, { change: { name, rateLimits }, now }: { change: WorkspaceChange; now: Date },
): Promise<void> {
  await tx
    .updateTable('workspaces')
    .set({
      ...(name !== undefined && { name }),
      ...(rateLimits && { rate_limits: JSON.stringify(rateLimits) }), // pg would send an array as a PostgreSQL array
      updated_at: now,
    })
    .where('id', '=', workspaceId)
    .execute()
}

/** How much of a meter the live environment may use, and whether the workspace or its plan says so. One amount at least. */
export interface Quota {
  meter: string
  /** Beyond it nothing is allowed; null: everything is. */
  amount: number | null
  /** Beyond it everything is allowed, and said. */
  soft_amount: number | null
  origin: 'own' | 'plan'
}

/** The quotas of the live environment, by meter. */
export function listQuotas(db: Db | Tx, workspaceId: WorkspaceId): Promise<Quota[]> {
  return db
    .selectFrom('quotas')
    .innerJoin('environments', 'environments.id', 'quotas.environment_id')
    .select(['quotas.meter', 'quotas.amount', 'quotas.soft_amount', 'quotas.origin'])
    .where('environments.workspace_id', '=', workspaceId)
    .where('environments.mode', '=', 'live')
    .orderBy('quotas.meter')
    .$castTo<Quota>() // the origin as the table's check says
    .execute()
}

/** Replaces all quotas of a locked workspace's own; afterwards `settleQuotas`, for what its plan says of the others. */
export async function replaceOwnQuotas(
  tx: Tx, workspaceId: WorkspaceId, { quotas, now }: { quotas: Readonly<Record<string, number>>; now: Date },
): Promise<void> {
  await holdTakings(tx, [workspaceId], { meters: Object.keys(quotas), now })
  await sql`
    with live as (
      select id from environments where workspace_id = ${workspaceId} and mode = 'live'
    ), given as (
      select key as meter, value::bigint as amount from jsonb_each_text(${JSON.stringify(quotas)}::jsonb)
    ), gone as (
      delete from quotas using live
      where quotas.environment_id = live.id and quotas.origin = 'own'
        and not exists (select from given where given.meter = quotas.meter)
    )
    insert into quotas (environment_id, meter, amount, origin)
    select live.id, given.meter, given.amount, 'own' from live, given
    on conflict (environment_id, meter) do update set amount = excluded.amount, soft_amount = null, origin = excluded.origin
  `.execute(tx)
}

/**
 * True in the one transaction that may fill an empty database: without workspaces and keys. Others that ask at the
 * same time wait for its end, and then find the database filled.
 */
export async function claimFirstStart(tx: Tx): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(hashtext('letterlock first start'))`.execute(tx)
  const { rows } = await sql<{ empty: boolean }>`
    select not exists (select from workspaces) and not exists (select from keys) as empty
  `.execute(tx)
  return rows[0]?.empty ?? false
}

function selectWorkspaces(db: Db | Tx) {
  return db
    .selectFrom('workspaces')
    .innerJoin('environments as live', (join) =>
      join.onRef('live.workspace_id', '=', 'workspaces.id').on('live.mode', '=', 'live'),
    )
    .innerJoin('environments as test', (join) =>
      join.onRef('test.workspace_id', '=', 'workspaces.id').on('test.mode', '=', 'test'),
    )
    .leftJoin('plans', 'plans.id', 'workspaces.plan_id')
    .selectAll('workspaces')
    .select(sql`coalesce(plans.features, '[]')`.as('features'))
    .select(['live.id as live_environment_id', 'test.id as test_environment_id'])
    .$castTo<WorkspaceRow>() // ids and status as the table's checks say
}
