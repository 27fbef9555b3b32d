import { idSchema, timestamp } from '@letterlock/contract'
import { z } from 'zod'
import type { Advice } from './read-advice.ts'

/** How a key could do with less, and the proof of it. */
export const advice = z.strictObject({
  keyId: idSchema('key'),
  /** What was looked at: whole days (UTC), not before the key was made. */
  from: timestamp,
  to: timestamp,
  /** Of addresses and minutes nothing older is kept; then they get no proposal. */
  recordedFrom: timestamp,
  /** Requests of the environment that are counted and have no record of their address; then addresses get no proposal. */
  dropped: z.number().int(),
  scopes: z.strictObject({
    used: z.array(z.strictObject({ scope: z.string(), requests: z.number().int(), operations: z.array(z.string()), lastDay: timestamp })),
    unused: z.array(z.string()),
    /** Null: others verified the key here and decided by themselves, so what they needed is not known. */
    proposed: z.array(z.string()).nullable(),
    wouldRefuse: z.number().int(),
    requests: z.number().int(),
  }),
  addresses: z.strictObject({
    observed: z.array(z.strictObject({ range: z.string().nullable(), requests: z.number().int(), lastSeenAt: timestamp })),
    /** Null: they are not all known, more than a list may have, or none. */
    proposed: z.array(z.string()).nullable(),
  }),
  rateLimit: z.strictObject({ proposed: z.strictObject({ name: z.string(), limit: z.string() }).nullable() }),
  /** The scopes in a sentence. */
  explanation: z.string(),
})

/** How many networks are shown. */
const shownAtMost = 200

export function toAdvice(keyId: z.output<typeof advice>['keyId'], found: Advice): z.output<typeof advice> {
  const { from, to, recordedFrom, dropped, scopes, addresses, rateLimit } = found
  return {
    keyId,
    from: from.toISOString(),
    to: to.toISOString(),
    recordedFrom: recordedFrom.toISOString(),
    dropped,
    scopes: {
      ...scopes,
      used: scopes.used.map(({ operations, lastDay, ...use }) => ({ ...use, operations: [...operations], lastDay: lastDay.toISOString() })),
      unused: [...scopes.unused],
      proposed: scopes.proposed && [...scopes.proposed],
    },
    addresses: {
      observed: addresses.observed.slice(0, shownAtMost).map(({ lastSeenAt, ...network }) => ({ ...network, lastSeenAt: lastSeenAt.toISOString() })),
      proposed: addresses.proposed && [...addresses.proposed],
    },
    rateLimit: { proposed: rateLimit },
    explanation: explain(scopes),
  }
}

function explain({ proposed, unused, wouldRefuse, requests }: Advice['scopes']): string {
  if (proposed === null) return 'The key was verified for others, who decide by themselves: which scopes they needed is not known.'
  if (unused.length === 0) return `Each scope was used; there were ${requests} requests.`
  const never = unused.length === 1 ? `this scope was never used: ${unused[0]}` : `these ${unused.length} scopes were never used: ${unused.join(', ')}`
  return `The smaller set would have refused ${wouldRefuse} of ${requests} requests; ${never}.`
}
