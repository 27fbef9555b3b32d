/** Processes of this installation: who is there, so that a limit can be shared among them. */
import { type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from './connect.ts'

/** Notes that a node is there, at the time of the database, since the clocks of nodes differ; it started when it did so first. */
export async function heartbeat(db: Db | Tx, node: { id: string; roles: readonly string[] }): Promise<void> {
  const { id } = node
  const roles = [...node.roles]
  const now = sql<Date>`clock_timestamp()`
  await db
    .insertInto('nodes')
    .values({ id, roles, started_at: now, seen_at: now })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ roles, seen_at: now }))
    .execute()
}

/** How many nodes were seen within the last milliseconds. Each of them takes tokens, whatever its roles. */
export async function countLive(db: Db | Tx, { withinMs }: { withinMs: number }): Promise<number> {
  const { live } = await db
    .selectFrom('nodes')
    .select((select) => select.fn.countAll<number>().as('live'))
    .where('seen_at', '>=', ago(withinMs))
    .executeTakeFirstOrThrow()
  return live
}

/** Takes a node out that stops in order, so that the others need not wait until it is missed. */
export async function remove(db: Db | Tx, id: string): Promise<void> {
  await takeOut(db, sql`id = ${id}`)
}

/** Takes out all nodes that were not seen within the last milliseconds; answers how many. */
export function pruneDead(db: Db | Tx, { withinMs }: { withinMs: number }): Promise<number> {
  return takeOut(db, sql`seen_at < ${ago(withinMs)}`)
}

/** Notes that all that a node was asked before a time, by its clock, is saved; `final` when it will be asked nothing more. */
export async function noteUsageSaved(db: Db | Tx, id: string, through: Date | 'final'): Promise<void> {
  await db
    .updateTable('nodes')
    .set({ usage_saved_through: through === 'final' ? sql<Date>`'infinity'` : through })
    .where('id', '=', id)
    .execute()
}

/** How far it is known who was asked what. */
export interface UsageSettled {
  /** All uses before then are saved. */
  readonly through: Date
  /** Up to then some may have been lost, with a node that went without saving them; null: none ever. */
  readonly lostUntil: Date | null
}

/** Null as long as a node has not said how far its usage is saved, and when there is none. */
export async function findUsageSettled(db: Db | Tx, now: Date): Promise<UsageSettled | null> {
  const { rows } = await sql<{ through: Date | null; lostUntil: Date | null }>`
    select case when bool_and(usage_saved_through is not null) then least(min(usage_saved_through), ${now}::timestamptz) end as through,
      (select until from usage_loss) as "lostUntil"
    from nodes
  `.execute(db)
  const { through = null, lostUntil = null } = rows[0] ?? {}
  return through && { through, lostUntil }
}

/** What a node had not saved when it went is lost, as far as anybody can tell. */
async function takeOut(db: Db | Tx, which: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ gone: number }>`
    with gone as (delete from nodes where ${which} returning usage_saved_through),
    lost as (
      insert into usage_loss (until)
      select clock_timestamp() where exists (select from gone where usage_saved_through is distinct from 'infinity')
      on conflict (is_only) do update set until = greatest(usage_loss.until, excluded.until)
    )
    select count(*)::int as gone from gone
  `.execute(db)
  return rows[0]?.gone ?? 0
}

function ago(ms: number) {
  return sql<Date>`clock_timestamp() - ${ms} * interval '1 millisecond'`
}
