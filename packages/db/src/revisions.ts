/** The control plane's counter: every change of policy raises it and says what changed. */
import { CompiledQuery, sql } from 'kysely'
import { type ChangesSince, changesStatement, readChanges } from './change-statement.ts'
import type { Db, Tx } from './connect.ts'

export type { ChangesSince } from './change-statement.ts'

/** What changed: a key, a workspace, a role, a plan; `policy` is anything else that decides about requests, `record` what decides about none. */
export interface Change {
  readonly kind: 'key' | 'workspace' | 'role' | 'plan' | 'policy' | 'record'
  readonly id: string
}

/**
 * Raises the revision and logs what changed at it; answers the new revision.
 * It locks the one row of the counter until the transaction ends, so control-plane transactions follow each other:
 * whoever sees revision N sees all changes up to N, and audit chains have one writer. Change feeds are woken when the
 * transaction commits.
 */
export async function raiseRevision(tx: Tx, changes: readonly [Change, ...Change[]], now: Date): Promise<number> {
  const kinds = changes.map(({ kind }) => kind)
  const ids = changes.map(({ id }) => id)
  const { revision } = await tx
    .with('raised', (query) =>
      query
        .updateTable('revisions')
        .set({ revision: sql`revision + 1`, stamp: sql`gen_random_uuid()` })
        .returning(['revision', 'stamp']),
    )
    .with('logged', (query) =>
      query
        .insertInto('change_log')
        .columns(['revision', 'kind', 'id', 'at', 'stamp'])
        .expression((select) =>
          select
            .selectFrom(['raised', sql<{ kind: string; id: string }>`unnest(${kinds}::text[], ${ids}::text[])`.as<'changed'>(sql`changed(kind, id)`)])
            .select(['raised.revision', 'changed.kind', 'changed.id', sql<Date>`${now}::timestamptz`.as('at'), 'raised.stamp'])
            .distinct(),
        ),
    )
    .selectFrom('raised')
    .select(['raised.revision', sql`pg_notify('letterlock_revisions', '')`.as('notified')])
    .executeTakeFirstOrThrow()
  return revision
}

/** The revision of the last committed change; 0 before the first. */
export async function currentRevision(db: Db | Tx): Promise<number> {
  const { revision } = await db.selectFrom('revisions').select('revision').executeTakeFirstOrThrow()
  return revision
}

/**
 * What changed after a revision; null asks for the revision alone. Everything, when the revision had another stamp:
 * then it is one of another history. Without a stamp the number is believed.
 * @throws when this server is a standby, which proves nothing
 */
export async function listChanges(db: Db | Tx, after: number | null, stamp: string | null = null): Promise<ChangesSince> {
  const { rows } = await db.executeQuery(CompiledQuery.raw(changesStatement, [after, stamp]))
  return readChanges(rows, after)
}

const maxPrunedAtOnce = 10_000

/** Forgets changes older than a time, and that it did: who saw no later one is told that everything may have changed. */
export async function pruneChangeLog(db: Db, { before }: { before: Date }): Promise<number> {
  let removed = 0
  for (;;) {
    const batch = await db.transaction().execute((tx) => pruneBatch(tx, before))
    removed += batch
    if (batch < maxPrunedAtOnce) return removed
  }
}

// The counter is locked first, as raiseRevision() does: the two statements of it have no order of their own, and of two
// pruners at once each could hold what the other waits for. The rows go and the mark rises in one transaction, so no
// snapshot has the hole without the mark.
async function pruneBatch(tx: Tx, before: Date): Promise<number> {
  await tx.selectFrom('revisions').select('revision').forUpdate().execute()
  const { rows } = await sql<{ removed: number }>`
    with old as (select revision from change_log where at < ${before} order by revision limit ${maxPrunedAtOnce}),
    last as (select max(revision) as revision from old),
    pruned as (delete from change_log using last where change_log.revision <= last.revision returning 1),
    noted as (
      update revisions set pruned_through = last.revision
      from last where last.revision > revisions.pruned_through
    )
    select count(*) as removed from pruned
  `.execute(tx)
  return rows[0]?.removed ?? 0
}
