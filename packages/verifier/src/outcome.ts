import type { KeyRecord } from './key-record.ts'
import type { LimitState } from './take-tokens.ts'

/** What is known of a request whose secret was proven. */
export interface Proven {
  readonly record: KeyRecord
  /** Which secret version of the key was used; 1 is the first. */
  readonly secretVersion: number
  /** True when the key has a newer secret version. */
  readonly superseded: boolean
}

/** The policy's answer about a proven key. */
export type Decision = Proven &
  (
    | { readonly code: 'ok' }
    | { readonly code: 'revoked_key' | 'disabled_key' | 'expired_key' | 'retired_secret' }
    | { readonly code: 'workspace_suspended' | 'ip_not_allowed' }
    | { readonly code: 'insufficient_scope'; readonly requiredScope: string; readonly keyScopes: readonly string[] }
  )

/**
 * May this key do this now? Exactly one code; every one but `invalid_key` implies that the secret was proven.
 * `limits` says how much of each limit is left: after an `ok`, when refused by a limit, and beside a 403.
 */
export type Outcome =
  | { readonly code: 'invalid_key' }
  | (Decision & { readonly limits: readonly LimitState[] })
  | (Proven & {
      readonly code: 'rate_limited'
      readonly limits: readonly LimitState[]
      /** The limit that makes the caller wait longest. */
      readonly limitName: string
      readonly retryAfterMs: number
    })

export type OutcomeCode = Outcome['code']
