/** Keys that the passing of time may ask something of: which are due, and when each is next. See decisions/019. */
import type { KeyId, WorkspaceId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import type { KeyRow } from './keys.ts'

/** What a look at a key is about. */
export type DueKey = Pick<KeyRow, 'id' | 'name' | 'expires_at' | 'end_set_at' | 'created_at' | 'enabled_at' | 'last_used_at'> & {
  readonly workspace_id: WorkspaceId
}

/**
 * Active keys of workspaces that are due, the longest first; nobody else changes them, or saves a use of them, until the
 * transaction ends. Those that somebody has locked are left for later, so that nodes share the work and wait for nobody.
 */
export function lockDue(tx: Tx, { now, limit }: { now: Date; limit: number }): Promise<DueKey[]> {
  return selectDue(tx, { now, limit }).forNoKeyUpdate().skipLocked().execute()
}

/** The statement of `lockDue`, without its locks. */
export function selectDue(db: Db | Tx, { now, limit }: { now: Date; limit: number }) {
  return db
    .selectFrom('keys')
    .select(['id', 'workspace_id', 'name', 'expires_at', 'end_set_at', 'created_at', 'enabled_at', 'last_used_at'])
    .where(sql<boolean>`status = 'active' and workspace_id is not null and next_look_at is not null`) // as keys_to_look_at has it
    .where('next_look_at', '<=', now)
    .orderBy('next_look_at')
    .limit(limit)
    .$castTo<DueKey>() // columns as the table's checks say
}

/** When a locked key is looked at next. */
export interface NextLook {
  readonly id: KeyId
  /** Null: time asks nothing of it. */
  readonly at: Date | null
}

export async function setNextLooks(tx: Tx, looks: readonly NextLook[]): Promise<void> {
  if (looks.length === 0) return
  await sql`
    update keys set next_look_at = l.at
    from unnest(
      ${looks.map(({ id }) => id)}::text[], ${looks.map(({ at }) => at?.toISOString() ?? null)}::timestamptz[]
    ) as l (id, at)
    where keys.id = l.id
  `.execute(tx)
}

/** Has a locked key looked at soon: something may come sooner than at the look that was planned. */
export async function lookSoon(tx: Tx, id: KeyId): Promise<void> {
  await tx.updateTable('keys').set({ next_look_at: new Date(0) }).where('id', '=', id).execute()
}

/**
 * Has some keys of one policy that changed looked at again; false when there was none to tell. A key that is locked is
 * waited for: whoever looked at it by the policy before must not have the last word.
 */
export async function tellKeysOfChangedPolicy(tx: Tx, limit: number): Promise<boolean> {
  const policy = await tx
    .selectFrom('policies')
    .select(['workspace_id', 'told_through'])
    .where('told_through', 'is not', null)
    .orderBy('workspace_id')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  if (!policy) return false
  // the second as keys_listed has it
  const next = policy.workspace_id === ''
    ? sql`workspace_id is not null and id > ${policy.told_through} order by id`
    : sql`workspace_id = ${policy.workspace_id} and id collate "POSIX" > ${policy.told_through} order by id collate "POSIX"`
  const { rows } = await sql<{ through: string | null }>`
    with next as materialized (select id from keys where status = 'active' and ${next} limit ${limit} for no key update),
    told as (update keys set next_look_at = 'epoch' from next where keys.id = next.id)
    select case when count(*) = ${limit} then max(id) end as through from next
  `.execute(tx)
  await tx.updateTable('policies').set({ told_through: rows[0]?.through ?? null }).where('workspace_id', '=', policy.workspace_id).execute()
  return true
}
