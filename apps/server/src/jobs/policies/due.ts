import type { alerts, secretVersions } from '@letterlock/db'

/** What is to be said of a key; the same one is said once. */
export type Notice = Pick<alerts.NewAlert, 'kind' | 'occasion' | 'detail'>

/** What time asks of a key at a moment. */
export interface Due {
  readonly notice?: Notice | undefined
  /** The key is to end now. */
  readonly ending?: { readonly do: 'disable' | 'revoke'; readonly reason: string }
  /** When to look at the key next; absent: never, unless something about it changes. */
  readonly nextLookAt?: Date
}

/** What is known when a key is looked at. */
export interface Moment {
  readonly now: Date
  /** Every use before then is saved; null: of no time is it known. */
  readonly usesKnownThrough: Date | null
  /** When the last warning was given before the key ends that nobody uses; null: not yet. */
  readonly unusedWarnedAt: Date | null
  readonly newestSecret: secretVersions.NewestSecret | null
}
