/** What the verifier needs of the world, a function type each. */
import type { AccessTokenId, EnvironmentId, KeyId } from '@letterlock/contract'
import type { KeyFormat, KeyToken } from '@letterlock/keys'
import type { ProvenKey } from './policy/ask.ts'
import type { KeyRecord } from './policy/key-record.ts'
import type { Clocks } from './freshness/moment.ts'
import type { ForeignPrefixes } from './proof/foreign-token.ts'
import type { SecretVersion } from './proof/prove-secret.ts'
import type { TakeTokens } from './limits/take-tokens.ts'

/** A key as it is stored: what is decided upon, and what proves it. */
export interface StoredKey {
  /** May be a getter: it is read only once the secret was proven, so that what is wrong costs the same as what is unknown. */
  readonly record: KeyRecord
  readonly secrets: readonly SecretVersion[]
}

/** What a read of the store says, and how recent it is. */
export interface KeyRead {
  /** The revision of the control plane that the read saw, in the same snapshot. */
  readonly revision: number
  /** Null when there is no such key. */
  readonly stored: StoredKey | null
}

/**
 * Port: the one indexed read of a verification. It ends within a deadline of its own.
 * @throws when the store is out of reach
 */
export type ReadKey = (keyId: KeyId) => Promise<KeyRead>

/** Port: likewise of an access token: its key, as far as the token goes. Its secret is the token, its version that of the key. */
export type ReadAccessToken = (id: AccessTokenId) => Promise<KeyRead>

/** Whether a presented token is a key, as of a revision. */
export interface Proof {
  readonly revision: number
  /** Null when no such key was ever issued, or the secret is wrong. */
  readonly key: ProvenKey | null
}

/**
 * Port: proves a well-formed token against the store; one of a foreign format has no id at all. It ends within a deadline
 * of its own.
 * @throws when the store is out of reach
 */
export type ProveToken = (
  presented: { readonly token: KeyToken; readonly keyId: KeyId | null; readonly accessTokenId?: AccessTokenId | undefined },
) => Promise<Proof>

/** What a control-plane transaction changed. A kind that is not known here makes everything old. */
export interface Change {
  readonly kind: string
  readonly id: string
}

/** What changed after a revision. */
export interface Polled {
  /** The revision of now. */
  readonly revision: number
  /**
   * Tells this revision from the same number in another history, as after a failover that lost changes. Whoever polls
   * says it the next time; absent: the number is believed.
   */
  readonly stamp?: string
  /** `all`: it cannot be said what changed, so everything may have. */
  readonly changes: readonly Change[] | 'all'
  /**
   * The moment as of which the answer is proven, in milliseconds after the start of the poll; 0 unless given.
   * Negative when the answer comes from a node whose own proof is older than the request.
   */
  readonly provenAfterMs?: number
}

/**
 * Port: asks the primary what changed after a revision; null at the first time, when only the revision counts. `stamp`
 * is that of the revision when the answer had one; when it is not in the primary's history, `all` changed.
 * @throws when it cannot be known; nothing is proven then
 */
export type PollChanges = (after: number | null, signal: AbortSignal, stamp: string | null) => Promise<Polled>

/** How much of a counted thing is wanted, exactly once per reference. */
export interface QuotaDemand {
  /** `emails.sent`, `contacts.stored`, or a name of the platform's own. */
  readonly meter: string
  /** 1 or more. */
  readonly amount: number
  /** What makes a repetition count once, a request id say; 1 to 255 characters. */
  readonly reference: string
}

export type QuotaTaken =
  | { readonly ok: true; readonly used: number }
  | { readonly ok: false; readonly limit: number; readonly used: number; readonly resetsAt: Date | null }

/** Port: takes from a quota by one guarded statement; never more than it allows, whoever else takes. */
export type TakeQuota = (environmentId: EnvironmentId, demand: QuotaDemand) => Promise<QuotaTaken>

/** What the verifier needs of the world. */
export interface VerifierPorts extends Clocks {
  readonly keyFormat: Pick<KeyFormat, 'parse' | 'prefix' | 'tokenLength'>
  readonly proveToken: ProveToken
  /**
   * What tokens of foreign formats begin with, as of the last answered poll; nothing else of another format is looked
   * up. Asked for at every request. Null before the first one: whether such a token is a key cannot be said. Absent:
   * there are none.
   */
  readonly foreignPrefixes?: () => ForeignPrefixes
  readonly pollChanges: PollChanges
  readonly takeTokens: TakeTokens
  /** The time of `clock` in milliseconds (`Date.now`): spares each check a Date, a sixth of what it costs. */
  readonly clockMs?: () => number
  /** Absent: no request may name a quota. */
  readonly takeQuota?: TakeQuota
  /** Told what a port threw; the request itself is answered. Must not throw. */
  readonly onError?: (error: unknown, during: 'poll' | 'read' | 'quota' | 'limits') => void
}
