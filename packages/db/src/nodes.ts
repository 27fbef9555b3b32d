/** Processes of this installation: who is there, so that a limit can be shared among them. */
import { sql } from 'kysely'
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
  await db.deleteFrom('nodes').where('id', '=', id).execute()
}

/** Takes out all nodes that were not seen within the last milliseconds; answers how many. */
export async function pruneDead(db: Db | Tx, { withinMs }: { withinMs: number }): Promise<number> {
  const { numDeletedRows } = await db.deleteFrom('nodes').where('seen_at', '<', ago(withinMs)).executeTakeFirst()
  return Number(numDeletedRows)
}

function ago(ms: number) {
  return sql<Date>`clock_timestamp() - ${ms} * interval '1 millisecond'`
}
