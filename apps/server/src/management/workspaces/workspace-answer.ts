import { idSchema, timestamp } from '@letterlock/contract'
import { type Db, spendLimits, type Tx, workspaces } from '@letterlock/db'
import { z } from 'zod'
import { rateLimit } from '../keys/key-answer.ts'

const environment = <M extends 'live' | 'test'>(mode: M) => z.strictObject({ id: idSchema('environment'), mode: z.literal(mode) })

const spendCap = z.strictObject({ amount: z.number().int(), currency: z.string() })

export const workspace = z.strictObject({
  id: idSchema('workspace'),
  name: z.string(),
  status: z.enum(['active', 'suspended']),
  planId: idSchema('plan').nullable(),
  /** The plan that it comes to by itself, and when; null: it stays where it is. */
  nextPlan: z.strictObject({ planId: idSchema('plan').nullable(), at: timestamp }).nullable(),
  /** Of each environment, beside those of its keys and its plan. */
  rateLimits: z.array(rateLimit),
  /** What may be owed for a month beyond the prices of its plans; null: any amount. */
  spendCap: spendCap.nullable(),
  /** Of its plan: names of what the platform does for it. */
  features: z.array(z.string()),
  createdAt: timestamp,
  updatedAt: timestamp,
})

/** How much of a meter the live environment may use, and whether the workspace or its plan says so. */
const quota = z.strictObject({ amount: z.number().int(), origin: z.enum(['own', 'plan']) })

/** A workspace beside its environments and quotas. */
export const workspaceAnswer = {
  workspace,
  environments: z.strictObject({ live: environment('live'), test: environment('test') }),
  /** By meter; a meter that is not named has no limit. */
  quotas: z.record(z.string(), quota),
  /** By meter: what is beyond is allowed, and raises alerts. Of its plan. */
  softQuotas: z.record(z.string(), z.number().int()),
}

export function toWorkspace(row: workspaces.WorkspaceRow): z.output<typeof workspace> {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    planId: row.plan_id,
    nextPlan: row.next_plan_at && { planId: row.next_plan_id, at: row.next_plan_at.toISOString() },
    rateLimits: row.rate_limits,
    spendCap: spendLimits.capOf(row),
    features: row.features,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}

export function toWorkspaceAnswer(row: workspaces.WorkspaceRow, quotas: readonly workspaces.Quota[]) {
  return {
    workspace: toWorkspace(row),
    environments: {
      live: { id: row.live_environment_id, mode: 'live' as const },
      test: { id: row.test_environment_id, mode: 'test' as const },
    },
    quotas: Object.fromEntries(quotas.flatMap(({ meter, amount, origin }) => (amount === null ? [] : [[meter, { amount, origin }]]))),
    softQuotas: Object.fromEntries(quotas.flatMap(({ meter, soft_amount }) => (soft_amount === null ? [] : [[meter, soft_amount]]))),
  }
}

/** The answer about a workspace that exists, as it is now. */
export async function readWorkspaceAnswer(db: Db | Tx, row: Pick<workspaces.WorkspaceRow, 'id'>) {
  return toWorkspaceAnswer(await workspaces.getWorkspace(db, row.id), await workspaces.listQuotas(db, row.id))
}
