import { type Db, statements } from '@letterlock/db'
import { closeMonth } from '../../management/statements/close-month.ts'

/** A month is closed a day after its end: what nodes kept while they could not save it has come by then. */
const graceMs = 86_400_000
const workspacesPerBatch = 100
const batchesPerRun = 20

/** Makes the statements of the months that ended, in batches; of several nodes one is at it at a time. */
export async function closeStatements({ db, clock }: { readonly db: Db; readonly clock: () => Date }): Promise<void> {
  for (let batch = 0; batch < batchesPerRun; batch++) if (!(await closeBatch(db, clock()))) return
}

/** False when there was nothing to do. */
function closeBatch(db: Db, now: Date): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const open = await statements.lockOpenMonth(tx, new Date(now.getTime() - graceMs))
    if (!open) return false
    const ids = await statements.listToState(tx, open, workspacesPerBatch)
    for (const id of ids) await closeMonth(tx, id, { month: open.month, now })
    const isDone = ids.length < workspacesPerBatch
    await statements.noteProgress(tx, open.month, { through: ids.at(-1) ?? open.through, closedAt: isDone ? now : null })
    return true
  })
}
