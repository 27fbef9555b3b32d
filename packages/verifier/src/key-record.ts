import type { EnvironmentId, KeyId, WorkspaceId } from '@letterlock/contract'
import type { KeyMode } from '@letterlock/keys'
import { type AddressRange, parseAddressRange } from './ip-allow.ts'
import { type NamedLimit, parseNamedLimit, type RateLimitText } from './rate-limit.ts'
import { remembered } from './remembered.ts'

/** Facts about a key as they are stored. */
export interface KeyFacts {
  readonly keyId: KeyId
  readonly name: string
  readonly mode: KeyMode
  /** Null for root keys, which belong to the installation; likewise the environment. */
  readonly workspaceId: WorkspaceId | null
  readonly environmentId: EnvironmentId | null
  readonly scopes: readonly string[]
  readonly status: 'active' | 'disabled' | 'revoked'
  /** `active` for root keys. */
  readonly workspaceStatus: 'active' | 'suspended'
  readonly createdAt: Date
  /** Null: never. */
  readonly expiresAt: Date | null
  /** The ids of the role and plan that the facts and the policy were computed from, and of the workspace. */
  readonly dependsOn: readonly string[]
}

/** A key and its policy, ready to be decided upon. Holds no digest. */
export interface KeyRecord extends KeyFacts {
  /** The scopes once more, to be asked one by one. */
  readonly scopeSet: ReadonlySet<string>
  /** Empty: every address may. */
  readonly ipAllow: readonly AddressRange[]
  /** All of them apply at once: those of the key, of its workspace (`workspace.<name>`), of its plan (`plan.<name>`). */
  readonly rateLimits: readonly NamedLimit[]
}

/** The policy of a key as text. */
export interface KeyPolicy {
  readonly ipAllow: readonly string[]
  /** Limits of this key alone. */
  readonly rateLimits: readonly RateLimitText[]
  /** Limits that all keys of an environment of the workspace share. */
  readonly workspaceRateLimits?: readonly RateLimitText[]
  /** Limits of the workspace's plan, that all keys of an environment share. */
  readonly planRateLimits?: readonly RateLimitText[]
}

/** The limit of a key that has none on any level: 100 requests a second, in bursts of at most 1000. */
export const defaultRateLimit: RateLimitText = { name: 'default', limit: '1000/10s' }

/**
 * Makes a record out of stored text.
 * @throws Error when a range or a limit cannot be read; these are validated when they are written
 */
export function keyRecord(facts: KeyFacts, policy: KeyPolicy, fallback = defaultRateLimit): KeyRecord {
  return {
    ...facts,
    dependsOn: [...new Set([...(facts.workspaceId === null ? [] : [facts.workspaceId]), ...facts.dependsOn])],
    ...sharedScopes(facts.scopes),
    ipAllow: policy.ipAllow.map((text) => rangeOf(text) ?? corrupt(facts.keyId, 'an address range', text)),
    rateLimits: limitsOf(facts, policy, fallback),
  }
}

/** The keys of a customer have the same few ranges, and reading one costs more than all the rest of a record. */
const rangeOf = remembered(parseAddressRange, 10_000)

type Scopes = Pick<KeyRecord, 'scopes' | 'scopeSet'>

/** Many keys have the same few scopes: they share one list and one set. */
const knownScopes = new Map<string, Scopes>()
const maxKnownScopes = 1_000

function sharedScopes(names: readonly string[]): Scopes {
  const id = JSON.stringify(names)
  const known = knownScopes.get(id)
  if (known) return known
  const scopes = { scopes: names, scopeSet: new Set(names) }
  if (knownScopes.size >= maxKnownScopes) knownScopes.clear()
  knownScopes.set(id, scopes)
  return scopes
}

/** Braces make the hash tag of a Redis Cluster: all limits of a request are in one slot. */
function limitsOf(facts: KeyFacts, policy: KeyPolicy, fallback: RateLimitText): NamedLimit[] {
  const tag = `{${facts.environmentId ?? facts.keyId}}`
  const parse = (owner: string, texts: readonly RateLimitText[], wirePrefix = '') =>
    texts.map((text) => {
      const limit = parseNamedLimit(`${tag}/${owner}`, text) ?? corrupt(facts.keyId, 'a rate limit', text.limit)
      return { ...limit, name: wirePrefix + limit.name }
    })
  const limits = [
    ...parse(facts.keyId, policy.rateLimits),
    ...parse('workspace', policy.workspaceRateLimits ?? [], 'workspace.'),
    ...parse('plan', policy.planRateLimits ?? [], 'plan.'),
  ]
  return limits.length > 0 ? limits : parse(facts.keyId, [fallback])
}

function corrupt(keyId: KeyId, what: string, text: string): never {
  throw new Error(`The stored policy of ${keyId} has ${what} that cannot be read: ${JSON.stringify(text)}.`)
}
