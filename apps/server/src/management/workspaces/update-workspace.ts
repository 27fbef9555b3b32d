import { idSchema, line } from '@letterlock/contract'
import { plans, spendLimits, workspaces } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { differences } from '../differences.ts'
import { rateLimits } from '../keys/key-policy.ts'
import { noSuchWorkspace } from '../not-found.ts'
import { price } from '../plans/plan-terms.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { settleSpendCap } from '../spend/settle-spend-cap.ts'
import { quotas } from './quotas.ts'
import { readWorkspaceAnswer, toWorkspace, workspaceAnswer } from './workspace-answer.ts'

/** What is absent stays; `rateLimits` and `quotas` replace all that the workspace has of its own. */
const input = z.strictObject({
  workspaceId: idSchema('workspace'),
  name: line(200).optional(),
  /** Each environment has them, beside the limits of its keys and its plan. */
  rateLimits: rateLimits.optional(),
  /** Before those of the plan, meter by meter. */
  quotas: quotas.optional(),
  /** What may be owed for a month beyond the prices of its plans, in minor units of a currency; null: any amount. */
  spendCap: price.nullable().optional(),
})

/** Changes a workspace. */
export function updateWorkspace(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('workspaces:write')
    .input(input)
    .output(z.strictObject({ ...workspaceAnswer, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { workspaceId, ...given } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const row = (await workspaces.lockWorkspace(tx, workspaceId)) ?? refuse(noSuchWorkspace)
        const own = (await workspaces.listQuotas(tx, workspaceId)).filter(({ origin }) => origin === 'own')
        const ownQuotas = Object.fromEntries(own.flatMap(({ meter, amount }) => (amount === null ? [] : [[meter, amount]])))
        const changed = differences({ ...toWorkspace(row), quotas: ownQuotas }, given)
        if (!changed) return { result: await readWorkspaceAnswer(tx, row), changes: null }
        await workspaces.updateWorkspace(tx, workspaceId, { change: given, now })
        if (given.quotas) {
          await workspaces.replaceOwnQuotas(tx, workspaceId, { quotas: given.quotas, now })
          await plans.settleQuotas(tx, [workspaceId], now)
        }
        if (given.spendCap !== undefined) {
          await spendLimits.setSpendCap(tx, workspaceId, { cap: given.spendCap, now })
          await settleSpendCap(tx, workspaceId, now)
        }
        return {
          result: await readWorkspaceAnswer(tx, row),
          changes: [{ kind: 'workspace', id: workspaceId }],
          audit: { chain: workspaceId, action: 'workspaces.update', target: workspaceId, ...changed },
        }
      })
      return { ...result, revision }
    })
}
