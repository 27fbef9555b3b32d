import { parseDuration } from '@letterlock/contract'
import type { keys, policies } from '@letterlock/db'

/** What the rules look at of a key. */
export interface RuledKey {
  readonly status: keys.KeyRow['status']
  readonly expiresAt: Date | null
  readonly ipAllow: readonly string[]
  /** Its own and those of its role. */
  readonly scopes: readonly string[]
}

/** A rule that a key breaks, and the field of the key that does. */
export interface Violation {
  readonly rule: keyof policies.PolicyRules
  /** A field of `keys.create` and `keys.update`. */
  readonly path: 'expiresIn' | 'ipAllow' | 'scopes'
  readonly message: string
}

/** The one policy that is as strict as both: the shorter life, each demand of either, all forbidden combinations. */
export function stricterOf(a: policies.PolicyRules, b: policies.PolicyRules): policies.PolicyRules {
  const lifetime = [a.maxLifetime, b.maxLifetime].filter((text) => text !== undefined).sort((one, other) => msOf(one) - msOf(other))[0]
  const combinations = [...(a.forbiddenScopes ?? []), ...(b.forbiddenScopes ?? [])]
  const forbidden = [...new Map(combinations.map((scopes) => [[...scopes].sort().join(), scopes])).values()]
  return {
    ...(lifetime !== undefined && { maxLifetime: lifetime }),
    ...((a.expiryRequired || b.expiryRequired) && { expiryRequired: true }),
    ...((a.ipListRequired || b.ipListRequired) && { ipListRequired: true }),
    ...(forbidden.length > 0 && { forbiddenScopes: forbidden }),
  }
}

/** The rules that a key breaks at a time; none for a revoked key, which opens nothing. */
export function violationsOf(rules: policies.PolicyRules, key: RuledKey, now: Date): Violation[] {
  if (key.status === 'revoked') return []
  const { maxLifetime, expiryRequired, ipListRequired } = rules
  const end = endOf(key)
  const found: Violation[] = []
  if (maxLifetime !== undefined && end > now.getTime() + msOf(maxLifetime)) {
    found.push({ rule: 'maxLifetime', path: 'expiresIn', message: `the policy maxLifetime lets a key live ${maxLifetime} from now at most` })
  }
  if (expiryRequired && key.expiresAt === null) {
    found.push({ rule: 'expiryRequired', path: 'expiresIn', message: 'the policy expiryRequired asks for an end' })
  }
  if (ipListRequired && key.ipAllow.length === 0) {
    found.push({ rule: 'ipListRequired', path: 'ipAllow', message: 'the policy ipListRequired asks for at least one address' })
  }
  return [...found, ...forbiddenIn(rules, key.scopes)]
}

/** The forbidden combinations that are whole among scopes. */
export function forbiddenIn({ forbiddenScopes = [] }: policies.PolicyRules, scopes: readonly string[]): Violation[] {
  return forbiddenScopes
    .filter((combination) => combination.every((scope) => scopes.includes(scope)))
    .map((combination) => ({
      rule: 'forbiddenScopes',
      path: 'scopes',
      message: `the policy forbiddenScopes lets no key have ${combination.join(' and ')} together`,
    }))
}

/** What a change adds to what a key breaks: rules that it kept before, and an end that moves further beyond the longest life. */
export function newViolationsOf(rules: policies.PolicyRules, { before, after, now }: { before: RuledKey; after: RuledKey; now: Date }): Violation[] {
  const broken = new Set(violationsOf(rules, before, now).map(({ message }) => message))
  const isLater = endOf(after) > endOf(before)
  return violationsOf(rules, after, now).filter(({ rule, message }) => !broken.has(message) || (rule === 'maxLifetime' && isLater))
}

const endOf = ({ expiresAt }: RuledKey) => expiresAt?.getTime() ?? Infinity
const msOf = (text: string) => parseDuration(text) ?? Infinity // texts were parsed when they were set
