/** Alerts: what people should know of a workspace, raised by the transaction that finds it, each once. */
import { type AlertId, newId, type WorkspaceId } from '@letterlock/contract'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import type { Alerts } from './schema.ts'

/** Facts of an alert, for people and programs to read. Never a secret. */
export type AlertDetail = Readonly<Record<string, string | number | boolean | null>>

export type AlertRow = Omit<Selectable<Alerts>, 'id' | 'workspace_id' | 'detail'> & {
  id: AlertId
  workspace_id: WorkspaceId
  detail: AlertDetail
}

export interface NewAlert {
  /** As an event is named: `key.expiring`, `quota.threshold`. */
  readonly kind: string
  /** The id of what it is about. */
  readonly subject: string
  /** Tells it from others of the kind about the subject: `30d`, `2026-11:80`. */
  readonly occasion: string
  readonly detail: AlertDetail
  readonly now: Date
}

/** Raises an alert; false when the same one was raised before. Of many callers at once, one raises it. */
export async function raiseAlert(tx: Tx, workspaceId: WorkspaceId, alert: NewAlert): Promise<boolean> {
  const { kind, subject, occasion, detail, now } = alert
  const result = await tx
    .insertInto('alerts')
    .values({ id: newId('alert'), workspace_id: workspaceId, kind, subject, occasion, detail: JSON.stringify(detail), at: now })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'kind', 'subject', 'occasion']).doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** When alerts of a kind were raised, by their subject; those that were not are missing. For jobs, which see every workspace. */
export async function findRaised(
  tx: Tx, kind: string, wanted: readonly (Pick<NewAlert, 'subject' | 'occasion'> & { readonly workspaceId: WorkspaceId })[],
): Promise<ReadonlyMap<string, Date>> {
  if (wanted.length === 0) return new Map()
  const { rows } = await sql<{ subject: string; at: Date }>`
    select subject, at from alerts
    join unnest(
      ${wanted.map(({ workspaceId }) => workspaceId)}::text[], ${wanted.map(({ subject }) => subject)}::text[],
      ${wanted.map(({ occasion }) => occasion)}::text[]
    ) as w (workspace_id, subject, occasion) using (workspace_id, subject, occasion)
    where kind = ${kind}
  `.execute(tx)
  return new Map(rows.map(({ subject, at }) => [subject, at]))
}

export interface AlertSearch {
  readonly limit: number
  /** The id before which the page begins. */
  readonly before?: string | undefined
  readonly kind?: string | undefined
  readonly subject?: string | undefined
  readonly isAcknowledged?: boolean | undefined
}

/** Newest first; up to `limit + 1` alerts. */
export function listAlerts(db: Db | Tx, workspaceId: WorkspaceId, search: AlertSearch): Promise<AlertRow[]> {
  const { limit, before, kind, subject, isAcknowledged } = search
  return selectAlerts(db)
    .where('workspace_id', '=', workspaceId)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .$if(kind !== undefined, (query) => query.where('kind', '=', kind ?? ''))
    .$if(subject !== undefined, (query) => query.where('subject', '=', subject ?? ''))
    .$if(isAcknowledged === true, (query) => query.where('acknowledged_at', 'is not', null))
    .$if(isAcknowledged === false, (query) => query.where('acknowledged_at', 'is', null))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
}

/** The alert, and nobody else changes it until the transaction ends. For management, which sees every workspace. */
export async function lockAlert(tx: Tx, id: AlertId): Promise<AlertRow | null> {
  const row = await selectAlerts(tx).where('id', '=', id).forUpdate().executeTakeFirst()
  return row ?? null
}

/** Notes on a locked alert who has seen it. */
export function acknowledgeAlert(tx: Tx, workspaceId: WorkspaceId, { id, by, now }: { id: AlertId; by: string; now: Date }): Promise<AlertRow> {
  return tx
    .updateTable('alerts')
    .set({ acknowledged_at: now, acknowledged_by: by })
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .returningAll()
    .$castTo<AlertRow>() // columns as they were inserted
    .executeTakeFirstOrThrow()
}

function selectAlerts(db: Db | Tx) {
  return db.selectFrom('alerts').selectAll().$castTo<AlertRow>() // columns as they were inserted
}
