import { line } from '@letterlock/contract'
import { z } from 'zod'
import { meterFault } from '../workspaces/quotas.ts'

const currencies = new Set(Intl.supportedValuesOf('currency'))
const minorUnits = z.number().int().min(0).max(1_000_000_000_000)

/** What a month costs, in minor units (cents) of an ISO 4217 currency. */
export const price = z.strictObject({
  amount: minorUnits,
  currency: z.string().max(3).refine((code) => currencies.has(code), 'expected a currency of ISO 4217 such as EUR'),
})

/** Amounts by meter, of those that quotas bound or of `api.requests`. */
export const meterAmounts = byMeter(z.number().int().min(0).max(1_000_000_000_000))

/** By meter: `price` minor units for each `per` units beyond what is included. */
export const overage = byMeter(z.strictObject({ price: minorUnits, per: z.number().int().min(1).max(1_000_000_000).default(1) }))

/** Names of what the platform does for workspaces on the plan, each once. */
export const features = z.array(line(100)).max(50).refine((names) => new Set(names).size === names.length, 'expected each name once')

function byMeter<T extends z.ZodType>(value: T) {
  return z.record(z.string().max(64), value).superRefine((entries, context) => {
    const meters = Object.keys(entries)
    if (meters.length > 50) context.addIssue('expected at most 50 meters')
    for (const meter of meters.slice(0, 50)) {
      const message = meter === 'api.requests' ? null : meterFault(meter)
      if (message) context.addIssue({ code: 'custom', path: [meter], message })
    }
  })
}
