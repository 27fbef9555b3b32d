/** The one statement that says what changed, for readers on a pool and for the change feed. */

/** What changed after a revision, in the order of it. */
export interface ChangesSince {
  /** The revision of the last committed change. */
  readonly revision: number
  /** Tells this revision from the same number in another history, as after a failover that lost changes. */
  readonly stamp: string
  /** `all`: it cannot be said what changed, so everything may have. */
  readonly changes: readonly { readonly kind: string; readonly id: string }[] | 'all'
}

/** More changes than this are answered by `all`. */
export const maxChanges = 10_000

/**
 * One statement, so one snapshot: the counter and the log that belongs to it. $1 is the revision that was seen, $2 its
 * stamp, which is found in the log, too: all histories begin with 0.
 */
export const changesStatement = `
select revisions.revision, revisions.stamp, revisions.pruned_through, pg_is_in_recovery() as is_standby,
  case
    when $2::uuid is null then true
    when $1::bigint = revisions.revision then $2::uuid = revisions.stamp
    else $1::bigint = 0 or exists (select from change_log where change_log.revision = $1::bigint and change_log.stamp = $2::uuid)
  end as is_known,
  changed.kind, changed.id
from revisions
left join lateral (
  select kind, id from change_log
  where change_log.revision > $1::bigint and $1::bigint >= revisions.pruned_through
  order by change_log.revision, kind, id
  limit ${maxChanges + 1}
) as changed on true`.trim()

interface Row {
  readonly revision: number
  readonly stamp: string
  readonly pruned_through: number
  readonly is_standby: boolean
  /** Whether the seen revision is one of this history. */
  readonly is_known: boolean
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
  const { revision, stamp, pruned_through: prunedThrough, is_known: isKnown } = first
  const isUnknown = after === null || !isKnown || after < prunedThrough || after > revision || rows.length > maxChanges
  return { revision, stamp, changes: isUnknown ? 'all' : listed(rows as readonly Row[]) }
}

function listed(rows: readonly Row[]): { kind: string; id: string }[] {
  return rows.flatMap(({ kind, id }) => (kind === null || id === null ? [] : [{ kind, id }]))
}
