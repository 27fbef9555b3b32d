import { parseDuration, productScopeNames } from '@letterlock/contract'
import { z } from 'zod'
import { scopeList } from '../keys/key-policy.ts'

const leakRule = z.enum(['notify', 'quarantine', 'revoke'])

/** The rules of a policy as they are set; an absent one asks for nothing. */
export const policyRules = z.strictObject({
  /** How far ahead the end of a key may lie, 1 second to 10 years. A key without an end breaks it. */
  maxLifetime: duration({ least: '1s' }).exactOptional(),
  expiryRequired: z.boolean().exactOptional(),
  ipListRequired: z.boolean().exactOptional(),
  /** Combinations of two or more scopes that no key may have together. */
  forbiddenScopes: z
    .array(scopeList(productScopeNames).refine((scopes) => scopes.length >= 2, 'expected two or more different scopes'))
    .max(50)
    .exactOptional(),
  /** How old the newest secret of a key may become, 1 hour or longer: then an alert asks for a rotation. */
  rotateEvery: duration({ least: '1h' }).exactOptional(),
  /** How long before the end of a key, before a rotation is due, and before a key ends that nobody uses, an alert says so: 1 minute or longer; none when empty. */
  warnBefore: z.array(duration({ least: '1m' })).max(10).exactOptional(),
  /** What becomes of a key that nobody has used for 1 hour or longer. */
  whenUnused: z.strictObject({ for: duration({ least: '1h' }), do: z.enum(['disable', 'revoke']) }).exactOptional(),
  /** What becomes of a key that was found where it must not be, by its mode; it is revoked unless something else is said. */
  whenLeaked: z.strictObject({ live: leakRule.exactOptional(), test: leakRule.exactOptional() }).exactOptional(),
})

/** As `policyRules`, of rows. */
export const policyAnswer = z.strictObject({
  maxLifetime: z.string().optional(),
  expiryRequired: z.boolean().optional(),
  ipListRequired: z.boolean().optional(),
  forbiddenScopes: z.array(z.array(z.string())).optional(),
  rotateEvery: z.string().optional(),
  warnBefore: z.array(z.string()).optional(),
  whenUnused: z.strictObject({ for: z.string(), do: z.enum(['disable', 'revoke']) }).optional(),
  whenLeaked: z.strictObject({ live: leakRule.optional(), test: leakRule.optional() }).optional(),
})

function duration({ least }: { least: string }) {
  return z.string().max(20).refine((text) => {
    const ms = parseDuration(text)
    return ms !== null && ms >= (parseDuration(least) ?? 0) && ms <= 3_660 * 86_400_000
  }, `expected a duration from ${least} to 3660d, such as 90d`)
}
