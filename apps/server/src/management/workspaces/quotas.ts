import { nearestName } from '@letterlock/contract'
import { z } from 'zod'

const ours = ['contacts.stored', 'emails.sent']

/** Amounts by meter: one of ours, or of the platform's own. A name that looks like a slip of ours would limit nothing. */
export const quotas = z
  .record(z.string().max(64), z.number().int().min(0).max(1_000_000_000_000))
  .superRefine((amounts, context) => {
    const meters = Object.keys(amounts)
    if (meters.length > 50) context.addIssue('expected at most 50 meters')
    for (const meter of meters.slice(0, 50)) {
      const message = meterFault(meter)
      if (message) context.addIssue({ code: 'custom', path: [meter], message })
    }
  })

/** What is wrong with the name of a meter that a quota is to bound; null: nothing. */
export function meterFault(meter: string): string | null {
  if (ours.includes(meter)) return null
  if (meter === 'api.requests') return 'requests are counted, not bounded by a quota: use rateLimits'
  const nearest = nearestName(meter, ours)
  if (nearest) return `unknown meter; did you mean ${nearest}?`
  return /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/.test(meter) ? null : 'expected a meter such as emails.sent'
}
