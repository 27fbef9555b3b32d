import type { WorkspaceId } from '@letterlock/contract'
import { type Db, planSpans, plans, workspaces } from '@letterlock/db'
import { changeBySystem } from '../../management/change-control-plane.ts'
import { putOnPlan } from '../../management/plans/put-on-plan.ts'

const changesPerRun = 500

/** Puts workspaces on the plans that they were to come to by now; the change counts from the time it was planned for. */
export async function changePlans(deps: { readonly db: Db; readonly clock: () => Date }): Promise<void> {
  for (const id of await planSpans.listDueChanges(deps.db, { now: deps.clock(), limit: changesPerRun })) await change(deps, id)
}

async function change(deps: { readonly db: Db; readonly clock: () => Date }, id: WorkspaceId): Promise<void> {
  await changeBySystem(deps, async (tx, now) => {
    const planned = await workspaces.findWorkspace(tx, id)
    if (planned?.next_plan_id) await plans.lockPlan(tx, planned.next_plan_id) // plans before workspaces, always
    const row = await workspaces.lockWorkspace(tx, id)
    const at = row?.next_plan_at ?? null
    // another plan than the one that is locked: it was planned anew meanwhile, and is due another time
    if (!row || !at || at > now || row.next_plan_id !== planned?.next_plan_id) return { result: null, changes: null }
    return { result: null, ...(await putOnPlan(tx, row, { planId: row.next_plan_id, at, now })) }
  })
}
