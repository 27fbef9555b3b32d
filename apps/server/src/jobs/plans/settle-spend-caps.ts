import { type Db, spendLimits, workspaces } from '@letterlock/db'
import { settleSpendCap } from '../../management/spend/settle-spend-cap.ts'

const workspacesPerBatch = 200

/** Gives what is left of spend caps to the meters anew where something was used, and says which are nearly reached. */
export async function settleSpendCaps({ db, clock }: { readonly db: Db; readonly clock: () => Date }): Promise<void> {
  for (let after = ''; ;) {
    const ids = await spendLimits.listToSettle(db, { now: clock(), after, limit: workspacesPerBatch })
    for (const id of ids) {
      await db.transaction().execute(async (tx) => {
        await workspaces.lockWorkspace(tx, id)
        await settleSpendCap(tx, id, clock())
      })
    }
    after = ids.at(-1) ?? ''
    if (ids.length < workspacesPerBatch) return
  }
}
