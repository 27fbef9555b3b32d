/** The one statement that says what changed, for readers on a pool and for the change feed. */

/** What changed after a revision, in the order of it. */
export interface ChangesSince {
  /** The revision of the last committed change. */
  readonly revision: number
  /** `all`: it cannot be said what changed, so everything may have. */
  readonly changes: readonly { readonly kind: string; readonly id: string }[] | 'all'
}

/** More changes than this are answered by `all`. */
export const maxChanges = 10_000

/** One statement, so one snapshot: the counter and the log that belongs to it. */
export const changesStatement = `
select revisions.revision, revisions.pruned_through, pg_is_in_recovery() as is_standby, changed.kind, changed.id
from revisions
left join lateral (
  select kind, id from change_log
  where change_log.revision > $1::bigint and $1::bigint >= revisions.pruned_through
  order by change_log.revision, kind, id
  limit ${maxChanges + 1}
) as changed on true`.trim()

interface Row {
  readonly revision: number
  readonly pruned_through: number
  readonly is_standby: boolean
  readonly kind: string | null
  readonly id: string | null
}

/**
 * Reads the rows of `changesStatement`, with int8 as numbers.
 * @throws when they come from a standby, which may lag behind without knowing
 */
export function readChanges(rows: readonly unknown[], after: number | null): ChangesSince {
  const [first] = rows as readonly Row[] // columns as the statement names them
  if (!first) throw new Error('The table "revisions" has lost its row. Restore it from a backup.')
  if (first.is_standby) {
    throw new Error('The database is a standby, which cannot prove that nothing changed. Connect to the primary.')
  }
  const { revision, pruned_through: prunedThrough } = first
  const isUnknown = after === null || after < prunedThrough || after > revision || rows.length > maxChanges
  return { revision, changes: isUnknown ? 'all' : listed(rows as readonly Row[]) }
}

function listed(rows: readonly Row[]): { kind: string; id: string }[] {
  return rows.flatMap(({ kind, id }) => (kind === null || id === null ? [] : [{ kind, id }]))
}
