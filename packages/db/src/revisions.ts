/** The control plane's counter: every change of policy raises it and says what changed. */
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'

/** What changed: a key, a workspace. */
export interface Change {
  readonly kind: 'key' | 'workspace'
  readonly id: string
}

/**
 * Raises the revision and logs what changed at it; answers the new revision.
 * It locks the one row of the counter until the transaction ends, so control-plane transactions follow each other:
 * whoever sees revision N sees all changes up to N, and audit chains have one writer.
 */
export async function raiseRevision(tx: Tx, changes: readonly [Change, ...Change[]], now: Date): Promise<number> {
  const kinds = changes.map(({ kind }) => kind)
  const ids = changes.map(({ id }) => id)
  const { revision } = await tx
    .with('raised', (query) => query.updateTable('revisions').set({ revision: sql`revision + 1` }).returning('revision'))
    .with('logged', (query) =>
      query
        .insertInto('change_log')
        .columns(['revision', 'kind', 'id', 'at'])
        .expression((select) =>
          select
            .selectFrom(['raised', sql<{ kind: string; id: string }>`unnest(${kinds}::text[], ${ids}::text[])`.as<'changed'>(sql`changed(kind, id)`)])
            .select(['raised.revision', 'changed.kind', 'changed.id', sql<Date>`${now}::timestamptz`.as('at')]),
        ),
    )
    .selectFrom('raised')
    .select('raised.revision')
    .executeTakeFirstOrThrow()
  return revision
}

/** The revision of the last committed change; 0 before the first. */
export async function currentRevision(db: Db | Tx): Promise<number> {
  const { revision } = await db.selectFrom('revisions').select('revision').executeTakeFirstOrThrow()
  return revision
}
