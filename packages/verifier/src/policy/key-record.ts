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
  /** `quarantined`: as far as it may be used, its scopes, addresses and limits say it; what they refuse is refused for that. */
  readonly status: 'active' | 'disabled' | 'quarantined' | 'revoked'
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
  const { keyId, name, mode, workspaceId, environmentId, status, workspaceStatus, createdAt, expiresAt } = facts
  const { scopes, scopeSet } = scopesOf(JSON.stringify(facts.scopes))
  const ipAllow = rangesOf(JSON.stringify(policy.ipAllow))
  const unread = ipAllow.findIndex((range) => range === null)
  if (unread >= 0) corrupt(keyId, 'an address range', policy.ipAllow[unread] ?? '')
  return {
    // what each check reads comes first and is together in memory
    mode, status, workspaceStatus, expiresAt,
    ipAllow: ipAllow as AddressRange[], // none is null
    scopeSet, rateLimits: limitsOf(facts, policy, fallback),
    keyId, name, workspaceId, environmentId, scopes, createdAt,
    dependsOn: [...new Set([...(workspaceId === null ? [] : [workspaceId]), ...facts.dependsOn])],
  }
}

/** Many keys have the same few scopes: they share one list and one set, which stay in the processor's cache. */
const scopesOf = remembered((list: string) => {
  const scopes = JSON.parse(list) as readonly string[]
  return { scopes, scopeSet: new Set(scopes) }
}, 1_000)

/** Likewise the ranges. The keys of a customer have the same few, and reading one costs more than all the rest of a record. */
const rangesOf = remembered((list: string) => (JSON.parse(list) as readonly string[]).map(rangeOf), 1_000)
const rangeOf = remembered(parseAddressRange, 10_000)

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
