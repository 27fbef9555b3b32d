import type { PlanId } from '@letterlock/contract'
import { planSpans, plans, type Tx, type workspaces } from '@letterlock/db'
import type { Changed } from '../change-control-plane.ts'
import { settleSpendCap } from '../spend/settle-spend-cap.ts'

/** Puts a locked workspace on a locked plan from a time on: its quotas are those of the plan at once. */
export async function putOnPlan(
  tx: Tx, { id, plan_id }: workspaces.WorkspaceRow, { planId, at, now }: { planId: PlanId | null; at: Date; now: Date },
): Promise<Pick<Changed<null>, 'changes' | 'audit'>> {
  await planSpans.putOnPlan(tx, id, { planId, at, now })
  await plans.settleQuotas(tx, [id], now)
  await settleSpendCap(tx, id, now)
  return {
    changes: [{ kind: 'workspace', id }],
    audit: { chain: id, action: 'plans.assign', target: id, before: { planId: plan_id }, after: { planId } },
  }
}
