import { idSchema, timestamp } from '@letterlock/contract'
import type { plans } from '@letterlock/db'
import { z } from 'zod'
import { failure } from '../../http/failure.ts'
import { rateLimit } from '../keys/key-answer.ts'

const amounts = z.record(z.string(), z.number().int())

export const plan = z.strictObject({
  id: idSchema('plan'),
  name: z.string(),
  /** Of each environment of its workspaces, beside those of the workspace and the key. */
  rateLimits: z.array(rateLimit),
  /** For a month, in minor units of the currency. */
  price: z.strictObject({ amount: z.number().int(), currency: z.string() }),
  /** By meter: what the price covers. */
  included: amounts,
  /** By meter: what is beyond costs `price` minor units for each `per` units; without an entry it costs nothing. */
  overage: z.record(z.string(), z.strictObject({ price: z.number().int(), per: z.number().int() })),
  /** By meter: nothing beyond is allowed; a meter that is not named has no limit. */
  quotas: amounts,
  /** By meter: what is beyond is allowed, and raises alerts. */
  softQuotas: amounts,
  /** Names of what the platform does for workspaces on the plan. */
  features: z.array(z.string()),
  createdAt: timestamp,
  updatedAt: timestamp,
})

export function toPlan(row: plans.PlanRow): z.output<typeof plan> {
  return {
    id: row.id,
    name: row.name,
    rateLimits: row.rate_limits,
    price: { amount: row.price, currency: row.currency },
    included: row.included,
    overage: row.overage,
    quotas: row.quotas,
    softQuotas: row.soft_quotas,
    features: row.features,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}

/** The refusal of a name that another plan has. */
export function planExists(existing?: plans.PlanRow | null) {
  return failure('already_exists', 'Another plan has this name.', existing ? { members: { existing: existing.id } } : {})
}
