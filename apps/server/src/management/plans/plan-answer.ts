import { idSchema, timestamp } from '@letterlock/contract'
import type { plans } from '@letterlock/db'
import { z } from 'zod'
import { failure } from '../../http/failure.ts'
import { rateLimit } from '../keys/key-answer.ts'

export const plan = z.strictObject({
  id: idSchema('plan'),
  name: z.string(),
  /** Of each environment of its workspaces, beside those of the workspace and the key. */
  rateLimits: z.array(rateLimit),
  /** By meter; a meter that is not named has no limit. */
  quotas: z.record(z.string(), z.number().int()),
  createdAt: timestamp,
  updatedAt: timestamp,
})

export function toPlan(row: plans.PlanRow): z.output<typeof plan> {
  return {
    id: row.id,
    name: row.name,
    rateLimits: row.rate_limits,
    quotas: row.quotas,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}

/** The refusal of a name that another plan has. */
export function planExists(existing?: plans.PlanRow | null) {
  return failure('already_exists', 'Another plan has this name.', existing ? { members: { existing: existing.id } } : {})
}
