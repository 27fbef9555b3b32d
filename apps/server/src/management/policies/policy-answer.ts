import { parseDuration, productScopeNames } from '@letterlock/contract'
import { z } from 'zod'
import { scopeList } from '../keys/key-policy.ts'

/** The rules of a policy as they are set; an absent one asks for nothing. */
export const policyRules = z.strictObject({
  /** How far ahead the end of a key may lie, 1 second to 10 years. A key without an end breaks it. */
  maxLifetime: z.string().max(20).refine(isLifetime, 'expected a duration from 1s to 3660d, such as 90d').exactOptional(),
  expiryRequired: z.boolean().exactOptional(),
  ipListRequired: z.boolean().exactOptional(),
  /** Combinations of two or more scopes that no key may have together. */
  forbiddenScopes: z
    .array(scopeList(productScopeNames).refine((scopes) => scopes.length >= 2, 'expected two or more different scopes'))
    .max(50)
    .exactOptional(),
})

/** As `policyRules`, of rows. */
export const policyAnswer = z.strictObject({
  maxLifetime: z.string().optional(),
  expiryRequired: z.boolean().optional(),
  ipListRequired: z.boolean().optional(),
  forbiddenScopes: z.array(z.array(z.string())).optional(),
})

function isLifetime(text: string): boolean {
  const ms = parseDuration(text)
  return ms !== null && ms >= 1_000 && ms <= 3_660 * 86_400_000
}
