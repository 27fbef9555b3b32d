/** Processes of this installation: who is there, so that a limit can be shared among them. */
import type { Db, Tx } from './connect.ts'

/** Notes that a node is there; it started when it did so first. */
export async function heartbeat(db: Db | Tx, node: { id: string; roles: readonly string[]; now: Date }): Promise<void> {
  const { id, now } = node
  const roles = [...node.roles]
  await db
    .insertInto('nodes')
    .values({ id, roles, started_at: now, seen_at: now })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ roles, seen_at: now }))
    .execute()
}

/** How many nodes of a role were seen at that time or later; of any role when none is given. */
export async function countLive(db: Db | Tx, { since, role }: { since: Date; role?: string | undefined }): Promise<number> {
  const { live } = await db
    .selectFrom('nodes')
    .select((select) => select.fn.countAll<number>().as('live'))
    .where('seen_at', '>=', since)
    .$if(role !== undefined, (query) => query.where((where) => where(where.val(role ?? ''), '=', where.fn.any('roles'))))
    .executeTakeFirstOrThrow()
  return live
}

/** Takes a node out that stops in order, so that the others need not wait until it is missed. */
export async function remove(db: Db | Tx, id: string): Promise<void> {
  await db.deleteFrom('nodes').where('id', '=', id).execute()
}

/** Takes out all nodes that were not seen since; answers how many. */
export async function pruneDead(db: Db | Tx, { before }: { before: Date }): Promise<number> {
  const { numDeletedRows } = await db.deleteFrom('nodes').where('seen_at', '<', before).executeTakeFirst()
  return Number(numDeletedRows)
}
