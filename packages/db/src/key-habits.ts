/** What is usual for keys, and how far that was learnt. What habits consist of is their caller's business. */
import type { KeyId, WorkspaceId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Tx } from './connect.ts'

export interface Progress {
  readonly through: Date
  readonly startedAt: Date
}

/** How far it has come, and nobody else goes on until the transaction ends; null when somebody else is at it. Begins at `first`. */
export async function lockProgress(tx: Tx, { first, now }: { readonly first: Date; readonly now: Date }): Promise<Progress | null> {
  await tx.insertInto('unusual_use_progress').values({ through: first, started_at: now }).onConflict((conflict) => conflict.doNothing()).execute()
  const row = await tx.selectFrom('unusual_use_progress').select(['through', 'started_at as startedAt']).forUpdate().skipLocked().executeTakeFirst()
  return row ?? null
}

export async function setProgress(tx: Tx, through: Date): Promise<void> {
  await tx.updateTable('unusual_use_progress').set({ through }).execute()
}

/** Requests of one key from one address in some minutes. */
export interface UseInWindow {
  /** The start of the window. */
  readonly window: Date
  readonly workspaceId: WorkspaceId
  readonly keyId: KeyId
  readonly ip: string | null
  readonly requests: number
  /** Those that were refused for want of a scope, and what they asked for. */
  readonly refused: number
  readonly refusedOperations: readonly string[] | null
}

/** The recorded uses of all keys in windows of so many seconds, in order of time. One look by the index for each environment. */
export async function readWindows(tx: Tx, { from, to, seconds }: { readonly from: Date; readonly to: Date; readonly seconds: number }): Promise<UseInWindow[]> {
  const { rows } = await sql<UseInWindow>`
    select to_timestamp(floor(extract(epoch from r.at) / ${seconds}) * ${seconds}) as window, e.workspace_id as "workspaceId", r.key_id as "keyId", r.ip,
      count(*)::int as requests, (count(*) filter (where r.outcome = 'insufficient_scope'))::int as refused,
      array_agg(distinct r.operation) filter (where r.outcome = 'insufficient_scope') as "refusedOperations"
    from environments e cross join lateral (
      select at, key_id, ip, outcome, operation from usage_requests
      where environment_id = e.id and at >= ${from} and at < ${to} offset 0) as r
    group by 1, 2, 3, 4 order by 1, 3, 4
  `.execute(tx)
  return rows
}

/** The habits of those keys that have some, by key id. */
export async function findHabits(tx: Tx, keyIds: readonly KeyId[]): Promise<ReadonlyMap<KeyId, unknown>> {
  const rows = await tx.selectFrom('key_habits').select(['key_id', 'habits']).where(sql<boolean>`key_id = any(${keyIds}::text[])`).execute()
  return new Map(rows.map((row) => [row.key_id as KeyId, row.habits])) // as saveHabits() wrote them
}

export async function saveHabits(tx: Tx, habits: ReadonlyMap<KeyId, object>, now: Date): Promise<void> {
  if (habits.size === 0) return
  const entries = [...habits].sort(([one], [other]) => (one < other ? -1 : 1))
  await sql`
    insert into key_habits (key_id, habits, updated_at)
    select key_id, habits::jsonb, ${now}::timestamptz
    from unnest(${entries.map(([id]) => id)}::text[], ${entries.map(([, each]) => JSON.stringify(each))}::text[]) as h (key_id, habits)
    on conflict (key_id) do update set habits = excluded.habits, updated_at = excluded.updated_at
  `.execute(tx)
}
