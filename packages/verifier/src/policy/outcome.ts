import type { KeyRecord } from './key-record.ts'
import type { LimitState, LimitStore } from '../limits/take-tokens.ts'

/** What is known of a request whose secret was proven. */
export interface Proven {
  readonly record: KeyRecord
  /** Which secret version of the key was used; 1 is the first. */
  readonly secretVersion: number
  /** True when the key has a newer secret version. */
  readonly superseded: boolean
  /** When the used secret version retires; null: not planned. */
  readonly secretRetiresAt: Date | null
}

/** Why the policy of a proven key refuses, one sentence in `explanation` (it tells no secret), and the facts of it. */
export type Refusal = { readonly explanation: string } & (
  | { readonly code: 'revoked_key' | 'disabled_key' | 'key_quarantined' | 'workspace_suspended' }
  | { readonly code: 'expired_key'; readonly expiredAt: Date }
  | { readonly code: 'retired_secret'; readonly retiredAt: Date }
  /** `ip` as it was given; null when it was not known. */
  | { readonly code: 'ip_not_allowed'; readonly ip: string | null }
  | { readonly code: 'insufficient_scope'; readonly requiredScope: string; readonly keyScopes: readonly string[] }
)

/** The policy's answer about a proven key. */
export type Decision = Proven & ({ readonly code: 'ok' } | Refusal)

/** What was seen of the limits; `limitStore` says whose count it is. */
export interface LimitsSeen {
  readonly limits: readonly LimitState[]
  readonly limitStore: LimitStore
}

/** Refusals by the count of something, after the policy said yes. */
export type CountRefusal =
  | {
      readonly code: 'rate_limited'
      readonly explanation: string
      /** The limit that makes the caller wait longest. */
      readonly limitName: string
      /** Infinity when so much never fits at once. */
      readonly retryAfterMs: number
    }
  | {
      readonly code: 'quota_exceeded'
      readonly explanation: string
      readonly meter: string
      readonly limit: number
      readonly used: number
      /** Null: never. */
      readonly resetsAt: Date | null
    }

/**
 * Nothing is known of the key: `unavailable`, a store is out of reach; `not_fresh`, the node cannot prove that what it
 * knows is recent enough.
 */
export type NoAnswer =
  | { readonly code: 'unavailable'; readonly retryAfterMs: number }
  | { readonly code: 'not_fresh'; readonly retryAfterMs: number }

/**
 * May this key do this now? Exactly one code; every one but `invalid_key`, `unavailable` and `not_fresh` implies that
 * the secret was proven. `limits` says how much of each limit is left: after an `ok`, when refused by a count, and
 * beside a 403; it is empty where nobody looked, beside a 401.
 */
export type Outcome = { readonly code: 'invalid_key' } | NoAnswer | ProvenOutcome

/** An outcome about a proven key. */
export type ProvenOutcome = LimitsSeen & Proven & ({ readonly code: 'ok' } | Refusal | CountRefusal)

export type OutcomeCode = Outcome['code']
