import type { NewKey } from '../../src/index.ts'

/** A server on which cases run; what cases say of it must not show whether it is in memory. */
export interface Rig {
  readonly url: string
  readonly newKey: (key: NewKey) => Promise<RigKey>
  readonly setQuotas: (quotas: Readonly<Record<string, number>>) => Promise<unknown>
  readonly setRateLimits: (limits: readonly { readonly name: string; readonly limit: string }[]) => Promise<unknown>
  readonly suspend: () => Promise<unknown>
  readonly resume: () => Promise<unknown>
  /** Lets a time of seconds pass: the clock moves, or we wait. */
  readonly pass: (seconds: number) => Promise<void>
  /** Waits until the e-mails and campaigns that were queued are sent. */
  readonly settle: (isDone: () => Promise<boolean>) => Promise<void>
  /** The click on the link in the message that this address got. */
  readonly unsubscribe: (email: string) => Promise<unknown>
  /** How many requests counted in the live environment, asked again until there are so many. */
  readonly requestsServed: (atLeast: number) => Promise<number>
  readonly close: () => Promise<void>
}

export interface RigKey {
  /** The newest secret. */
  readonly token: () => string
  readonly rotate: (overlapSeconds: number) => Promise<void>
  readonly revoke: () => Promise<unknown>
  readonly disable: () => Promise<unknown>
  readonly enable: () => Promise<unknown>
  readonly update: (changes: Pick<NewKey, 'scopes' | 'ipAllow'>) => Promise<unknown>
}
