import { line, newId } from '@letterlock/contract'
import { auditEvents, plans } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { rateLimits } from '../keys/key-policy.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { quotas } from '../workspaces/quotas.ts'
import { plan, planExists, toPlan } from './plan-answer.ts'
import { features, meterAmounts, overage, price } from './plan-terms.ts'

const input = z.strictObject({
  name: line(200),
  price: price.default({ amount: 0, currency: 'USD' }),
  included: meterAmounts.default({}),
  overage: overage.default({}),
  rateLimits: rateLimits.default([]),
  quotas: quotas.default({}),
  softQuotas: quotas.default({}),
  features: features.default([]),
})

/** Creates a plan; `plans.assign` gives it to workspaces. */
export function createPlan(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('plans:write')
    .input(input)
    .output(z.strictObject({ plan, revision: z.number().int() }))
    .mutation(async ({ ctx, input: given }) => {
      const id = newId('plan')
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const row = await plans.insertPlan(tx, { id, ...given, now })
        const made = toPlan(row ?? refuse(planExists(await plans.findPlanByName(tx, given.name))))
        return {
          result: made,
          changes: [{ kind: 'plan', id }],
          audit: { chain: auditEvents.installationChain, action: 'plans.create', target: id, before: null, after: made },
        }
      })
      return { plan: result, revision }
    })
}
