import { idSchema, line } from '@letterlock/contract'
import { auditEvents, plans, spendLimits } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { differences } from '../differences.ts'
import { rateLimits } from '../keys/key-policy.ts'
import { noSuchPlan } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { quotas } from '../workspaces/quotas.ts'
import { plan, planExists, toPlan } from './plan-answer.ts'
import { features, meterAmounts, overage, price } from './plan-terms.ts'

/** What is absent stays; what is given replaces all that the plan has of it. */
const input = z.strictObject({
  planId: idSchema('plan'),
  name: line(200).optional(),
  price: price.optional(),
  included: meterAmounts.optional(),
  overage: overage.optional(),
  rateLimits: rateLimits.optional(),
  quotas: quotas.optional(),
  softQuotas: quotas.optional(),
  features: features.optional(),
})

/** Changes a plan, and with it the limits and quotas of every workspace on it. */
export function updatePlan(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('plans:write')
    .input(input)
    .output(z.strictObject({ plan, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { planId, ...given } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const current = (await plans.lockPlan(tx, planId)) ?? refuse(noSuchPlan)
        const changed = differences(toPlan(current), given)
        if (!changed) return { result: current, changes: null }
        const row = await plans.updatePlan(tx, planId, { change: given, now })
        if (row === 'taken') refuse(planExists())
        if (changed.after.quotas ?? changed.after.softQuotas) await plans.settleQuotas(tx, await plans.lockWorkspacesOfPlan(tx, planId), now)
        if (changed.after.price ?? changed.after.included ?? changed.after.overage) await spendLimits.outdateSpendLimits(tx, planId)
        return {
          result: row,
          changes: [{ kind: 'plan', id: planId }],
          audit: { chain: auditEvents.installationChain, action: 'plans.update', target: planId, ...changed },
        }
      })
      return { plan: toPlan(result), revision }
    })
}
