import type { EnvironmentId, KeyId, WorkspaceId } from '@letterlock/contract'
import type { KeyMode } from '@letterlock/keys'
import { type AddressRange, parseAddressRange } from './ip-allow.ts'
import { type NamedLimit, parseNamedLimit, type RateLimitText } from './rate-limit.ts'

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
}

/** A key and its policy, ready to be decided upon. Holds no digest. */
export interface KeyRecord extends KeyFacts {
  /** Empty: every address may. */
  readonly ipAllow: readonly AddressRange[]
  /** All of them apply at once. */
  readonly rateLimits: readonly NamedLimit[]
}

/** The policy of a key as text. */
export interface KeyPolicy {
  readonly ipAllow: readonly string[]
  /** Empty: the default limit applies. */
  readonly rateLimits: readonly RateLimitText[]
}

/** The limit of a key that has none of its own: 100 requests a second, in bursts of at most 1000. */
export const defaultRateLimit: RateLimitText = { name: 'default', limit: '1000/10s' }

/**
 * Makes a record out of stored text.
 * @throws Error when a range or a limit cannot be read; these are validated when they are written
 */
export function keyRecord(facts: KeyFacts, policy: KeyPolicy, fallback = defaultRateLimit): KeyRecord {
  const rateLimits = policy.rateLimits.length > 0 ? policy.rateLimits : [fallback]
  return {
    ...facts,
    ipAllow: policy.ipAllow.map((text) => parseAddressRange(text) ?? corrupt(facts.keyId, 'an address range', text)),
    rateLimits: rateLimits.map(
      (text) => parseNamedLimit(facts.keyId, text) ?? corrupt(facts.keyId, 'a rate limit', text.limit),
    ),
  }
}

function corrupt(keyId: KeyId, what: string, text: string): never {
  throw new Error(`The stored policy of ${keyId} has ${what} that cannot be read: ${JSON.stringify(text)}.`)
}
