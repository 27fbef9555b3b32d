import type { NamedLimit } from '../policy/rate-limit.ts'

/** How much of a limit is left. */
export interface LimitState {
  readonly name: string
  readonly count: number
  readonly periodMs: number
  readonly burst: number
  /** How many more may come at once. */
  readonly remaining: number
  /** Milliseconds until the whole burst is there again. */
  readonly resetMs: number
}

/** `shared`: the count of all nodes. `local-share`: this node's share of the rate, while the shared store is out. */
export type LimitStore = 'shared' | 'local-share'

/** The answer of a store of rate limits; `limits` in the order of the request, `limitStore` is `shared` unless given. */
export type Taken =
  | { readonly taken: true; readonly limits: readonly LimitState[]; readonly limitStore?: 'local-share' }
  | {
      readonly taken: false
      readonly limits: readonly LimitState[]
      readonly limitStore?: 'local-share'
      /** The name of the limit that makes the caller wait longest. */
      readonly limitName: string
      readonly retryAfterMs: number
    }

/** Keeps, for a store of limits, what it found out about the limits of one key. */
export interface SeatHolder {
  /** Undefined at first; of the store's own kind then. */
  seats: unknown
}

/** What is to be taken, and from which limits. */
export interface TakeRequest {
  readonly limits: readonly NamedLimit[]
  /** Tokens to take from each, a whole number; 0 only looks. */
  readonly cost: number
  /** The time where the caller just read it; a store that has a clock of its own need not look. */
  readonly nowMs?: number
  /** The same one with the same limits spares the store a look-up. */
  readonly holder?: SeatHolder | undefined
}

/**
 * Port: takes `cost` tokens from every limit, or from none when one of them has too few.
 * A cost of 0 only looks.
 */
export type TakeTokens = (request: TakeRequest) => Taken | Promise<Taken>
