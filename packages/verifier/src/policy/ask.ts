import type { Proven } from './outcome.ts'

/** A proven key and secret, as stored. */
export type ProvenKey = Proven

/** What is asked of a key. */
export interface Ask {
  /** The scope that is needed; null: every key may. */
  readonly scope: string | null
  /** The address of the caller; null when unknown, which no allow-list admits. */
  readonly ip: string | null
}
