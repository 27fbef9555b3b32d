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

/** How long before a date people are told of it, unless a policy says something else. */
export const defaultWarnBefore: readonly string[] = ['30d', '7d', '1d']

/**
 * The one policy that is as strict as both: the shorter time, each demand of either, all forbidden combinations, all
 * warnings. Of two ends of unused keys the sooner one; of two at once the one for ever. Of two answers to a leak the harder one.
 */
export function stricterOf(a: policies.PolicyRules, b: policies.PolicyRules): policies.PolicyRules {
  const lifetime = shortest([a.maxLifetime, b.maxLifetime])
  const rotateEvery = shortest([a.rotateEvery, b.rotateEvery])
  const warnBefore = a.warnBefore && b.warnBefore ? longestFirst([...a.warnBefore, ...b.warnBefore]) : (a.warnBefore ?? b.warnBefore)
  const whenUnused = soonest([a.whenUnused, b.whenUnused])
  const whenLeaked = { ...hardest('live', a, b), ...hardest('test', a, b) }
  const combinations = [...(a.forbiddenScopes ?? []), ...(b.forbiddenScopes ?? [])]
  const forbidden = [...new Map(combinations.map((scopes) => [[...scopes].sort().join(), scopes])).values()]
  return {
    ...(lifetime !== undefined && { maxLifetime: lifetime }),
    ...((a.expiryRequired || b.expiryRequired) && { expiryRequired: true }),
    ...((a.ipListRequired || b.ipListRequired) && { ipListRequired: true }),
    ...(forbidden.length > 0 && { forbiddenScopes: forbidden }),
    ...(rotateEvery !== undefined && { rotateEvery }),
    ...(warnBefore && { warnBefore }),
    ...(whenUnused && { whenUnused }),
    ...(Object.keys(whenLeaked).length > 0 && { whenLeaked }),
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

/** When the newest secret of a key is as old as it may become; null: it may become as old as it likes. */
export function rotationDueAt({ rotateEvery }: policies.PolicyRules, secretSince: Date): Date | null {
  return rotateEvery === undefined ? null : new Date(secretSince.getTime() + msOf(rotateEvery))
}

/** What a change adds to what a key breaks: rules that it kept before, and an end that moves further beyond the longest life. */
export function newViolationsOf(rules: policies.PolicyRules, { before, after, now }: { before: RuledKey; after: RuledKey; now: Date }): Violation[] {
  const broken = new Set(violationsOf(rules, before, now).map(({ message }) => message))
  const isLater = endOf(after) > endOf(before)
  return violationsOf(rules, after, now).filter(({ rule, message }) => !broken.has(message) || (rule === 'maxLifetime' && isLater))
}

function shortest(durations: readonly (string | undefined)[]): string | undefined {
  return durations.filter((text) => text !== undefined).sort((one, other) => msOf(one) - msOf(other))[0]
}

function longestFirst(durations: readonly string[]): string[] {
  const each = new Map(durations.map((text) => [msOf(text), text]))
  return [...each].sort(([one], [other]) => other - one).map(([, text]) => text)
}

/** What becomes of a leaked key of a mode: it is revoked unless a policy is content with less. */
export function leakRuleOf({ whenLeaked }: policies.PolicyRules, mode: 'live' | 'test'): policies.LeakRule {
  return whenLeaked?.[mode] ?? 'revoke'
}

/** From the mildest to the hardest. */
const leakRules: readonly policies.LeakRule[] = ['notify', 'quarantine', 'revoke']

function hardest(mode: 'live' | 'test', a: policies.PolicyRules, b: policies.PolicyRules): policies.PolicyRules['whenLeaked'] {
  const asked = [a.whenLeaked?.[mode], b.whenLeaked?.[mode]]
  const rule = leakRules.findLast((each) => asked.includes(each))
  return rule && { [mode]: rule }
}

function soonest(rules: readonly policies.PolicyRules['whenUnused'][]): policies.PolicyRules['whenUnused'] {
  return rules
    .filter((rule) => rule !== undefined)
    .sort((one, other) => msOf(one.for) - msOf(other.for) || Number(other.do === 'revoke') - Number(one.do === 'revoke'))[0]
}

const endOf = ({ expiresAt }: RuledKey) => expiresAt?.getTime() ?? Infinity
const msOf = (text: string) => parseDuration(text) ?? Infinity // texts were parsed when they were set
