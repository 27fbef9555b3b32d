/** Canary keys: they open nothing, and whoever uses one is noticed. Nothing that proves one is stored. */
import type { KeyId, WorkspaceId } from '@letterlock/contract'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import type { Canaries } from './schema.ts'

export type CanaryRow = Omit<Selectable<Canaries>, 'id' | 'workspace_id'> & { id: KeyId; workspace_id: WorkspaceId }

export interface NewCanary {
  readonly id: KeyId
  readonly name: string
  readonly place: string | null
  readonly createdBy: string
  readonly now: Date
}

export function insertCanary(tx: Tx, workspaceId: WorkspaceId, { id, name, place, createdBy, now }: NewCanary): Promise<CanaryRow> {
  return tx
    .insertInto('canaries')
    .values({ id, workspace_id: workspaceId, name, place, created_by: createdBy, created_at: now })
    .returningAll()
    .$castTo<CanaryRow>() // ids as they were inserted
    .executeTakeFirstOrThrow()
}

/** Newest first; up to `limit + 1` canaries. */
export function listCanaries(
  db: Db | Tx, workspaceId: WorkspaceId, { limit, before }: { readonly limit: number; readonly before?: string | undefined },
): Promise<CanaryRow[]> {
  return db
    .selectFrom('canaries')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .$castTo<CanaryRow>() // ids as they were inserted
    .execute()
}

/** The canary, and nobody else changes it until the transaction ends. For management, which sees every workspace. */
export async function lockCanary(tx: Tx, id: KeyId): Promise<CanaryRow | null> {
  const row = await tx.selectFrom('canaries').selectAll().where('id', '=', id).forUpdate().$castTo<CanaryRow>().executeTakeFirst() // likewise
  return row ?? null
}

/** From now on nobody is told of its use. */
export function revokeCanary(tx: Tx, workspaceId: WorkspaceId, { id, now }: { readonly id: KeyId; readonly now: Date }): Promise<CanaryRow> {
  return tx
    .updateTable('canaries')
    .set({ revoked_at: now })
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .returningAll()
    .$castTo<CanaryRow>() // ids as they were inserted
    .executeTakeFirstOrThrow()
}

/** Counts a use of a canary that is not revoked; null when the id is of none. For whoever refuses keys, which have no workspace. */
export async function noteUse(
  tx: Tx, id: string, { ip, userAgent, at }: { readonly ip: string | null; readonly userAgent: string | null; readonly at: Date },
): Promise<CanaryRow | null> {
  const row = await tx
    .updateTable('canaries')
    .set({
      uses: sql`uses + 1`,
      first_used_at: sql`coalesce(first_used_at, ${at}::timestamptz)`,
      last_used_at: sql`greatest(last_used_at, ${at}::timestamptz)`,
      last_used_ip: ip,
      last_user_agent: userAgent,
    })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returningAll()
    .$castTo<CanaryRow>() // ids as they were inserted
    .executeTakeFirst()
  return row ?? null
}
