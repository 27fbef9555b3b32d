import { idSchema } from '@letterlock/contract'
import { plans, workspaces } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchPlan, noSuchWorkspace } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { readWorkspaceAnswer, workspaceAnswer } from '../workspaces/workspace-answer.ts'

const input = z.strictObject({ workspaceId: idSchema('workspace'), planId: idSchema('plan').nullable() })

/**
 * Puts a workspace on a plan, or on none. The live environment gets the quotas of the plan at once, except for meters
 * on which the workspace has a quota of its own.
 */
export function assignPlan(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('plans:write')
    .input(input)
    .output(z.strictObject({ ...workspaceAnswer, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { workspaceId, planId } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        if (planId && !(await plans.lockPlan(tx, planId))) refuse(noSuchPlan)
        const row = (await workspaces.lockWorkspace(tx, workspaceId)) ?? refuse(noSuchWorkspace)
        if (row.plan_id === planId) return { result: await readWorkspaceAnswer(tx, row), changes: null }
        await workspaces.updateWorkspace(tx, workspaceId, { change: { planId }, now })
        await plans.settleQuotas(tx, [workspaceId])
        return {
          result: await readWorkspaceAnswer(tx, row),
          changes: [{ kind: 'workspace', id: workspaceId }],
          audit: { chain: workspaceId, action: 'plans.assign', target: workspaceId, before: { planId: row.plan_id }, after: { planId } },
        }
      })
      return { ...result, revision }
    })
}
