/** Workspaces with their two environments. */
import type { EnvironmentId, WorkspaceId } from '@letterlock/contract'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import type { Workspaces } from './schema.ts'

export type WorkspaceStatus = 'active' | 'suspended'

/** A workspace and the ids of its environments. */
export type WorkspaceRow = Omit<Selectable<Workspaces>, 'id' | 'status'> & {
  id: WorkspaceId
  status: WorkspaceStatus
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
    .selectAll('workspaces')
    .select(['live.id as live_environment_id', 'test.id as test_environment_id'])
    .$castTo<WorkspaceRow>() // ids and status as the table's checks say
}
