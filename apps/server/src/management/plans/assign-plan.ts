import { idSchema } from '@letterlock/contract'
import { meters, planSpans, plans, type Tx, workspaces } from '@letterlock/db'
import { z } from 'zod'
import { type Changed, changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchPlan, noSuchWorkspace } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { settleSpendCap } from '../spend/settle-spend-cap.ts'
import { readWorkspaceAnswer, workspaceAnswer } from '../workspaces/workspace-answer.ts'
import { putOnPlan } from './put-on-plan.ts'

const input = z.strictObject({
  workspaceId: idSchema('workspace'),
  planId: idSchema('plan').nullable(),
  /** Unless given: at once, but to a plan with a lower price, or to none after one with a price, at the end of the month. */
  when: z.enum(['now', 'period_end']).optional(),
})

/**
 * Puts a workspace on a plan, or on none. The live environment gets the quotas of the plan at once, except for meters
 * on which the workspace has a quota of its own. What was planned before is no more.
 */
export function assignPlan(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('plans:write')
    .input(input)
    .output(z.strictObject({ ...workspaceAnswer, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { workspaceId, planId, when } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const plan = planId === null ? null : ((await plans.lockPlan(tx, planId)) ?? refuse(noSuchPlan))
        const row = await nowDue(tx, (await workspaces.lockWorkspace(tx, workspaceId)) ?? refuse(noSuchWorkspace), now)
        const done = await assign(tx, row, { plan, when, now })
        const result = await readWorkspaceAnswer(tx, row)
        return done ? { ...done, result } : { changes: null, result }
      })
      return { ...result, revision }
    })
}

type Row = workspaces.WorkspaceRow

/** What should have happened by now, and no job came to it, has happened first. */
async function nowDue(tx: Tx, row: Row, now: Date): Promise<Row> {
  if (!row.next_plan_at || row.next_plan_at > now) return row
  await putOnPlan(tx, row, { planId: row.next_plan_id, at: row.next_plan_at, now })
  return workspaces.getWorkspace(tx, row.id)
}

type Done = Pick<Changed<unknown>, 'changes' | 'audit'>

interface Wish {
  readonly plan: plans.PlanRow | null
  readonly when: 'now' | 'period_end' | undefined
  readonly now: Date
}

/** Null when it is so already. */
async function assign(tx: Tx, row: Row, { plan, when, now }: Wish): Promise<Done | null> {
  const planId = plan?.id ?? null
  if (row.plan_id === planId) return stay(tx, row, now)
  const time = when ?? (await usualTime(tx, row, plan))
  return time === 'now' ? putOnPlan(tx, row, { planId, at: now, now }) : planForEnd(tx, row, { planId, now })
}

/** What is paid more for is there at once; what is paid less for begins when what was paid for ends. */
async function usualTime(tx: Tx, { plan_id }: Row, plan: plans.PlanRow | null): Promise<'now' | 'period_end'> {
  const current = plan_id && (await plans.findPlan(tx, plan_id))
  if (!current || (plan && plan.currency !== current.currency)) return 'now'
  return (plan?.price ?? 0) < current.price ? 'period_end' : 'now'
}

async function stay(tx: Tx, { id, next_plan_id, next_plan_at }: Row, now: Date): Promise<Done | null> {
  if (!next_plan_at) return null
  await planSpans.planNext(tx, id, { next: null, now })
  await settleSpendCap(tx, id, now)
  return noted(id, { before: { planId: next_plan_id, at: next_plan_at.toISOString() }, after: null })
}

async function planForEnd(tx: Tx, { id, next_plan_id, next_plan_at }: Row, { planId, now }: { planId: Row['plan_id']; now: Date }): Promise<Done | null> {
  const at = meters.meterPeriod('emails.sent', now).resetsAt as Date // a month ends
  if (next_plan_at?.getTime() === at.getTime() && next_plan_id === planId) return null
  await planSpans.planNext(tx, id, { next: { planId, at }, now })
  await settleSpendCap(tx, id, now)
  const before = next_plan_at && { planId: next_plan_id, at: next_plan_at.toISOString() }
  return noted(id, { before, after: { planId, at: at.toISOString() } })
}

interface Planned {
  readonly planId: Row['plan_id']
  readonly at: string
}

/** It decides about no request yet. */
function noted(id: Row['id'], { before, after }: Readonly<Record<'before' | 'after', Planned | null>>): Done {
  return {
    changes: [{ kind: 'record', id }],
    audit: { chain: id, action: 'plans.assign', target: id, before: { next: before && { ...before } }, after: { next: after && { ...after } } },
  }
}
