import type { KeyMode } from '@letterlock/keys'
import type { Ask } from './ask.ts'
import type { QuotaDemand } from '../ports.ts'

/** May the bearer of `key` do this? */
export interface VerifyRequest extends Ask {
  /** The text that was presented as a key, whatever it is. */
  readonly key: string
  /** The modes that open this door; a key of another one is as invalid as an unknown one. */
  readonly modes: readonly KeyMode[]
  /** Tokens to take from every rate limit, a whole number; 1 unless given, 0 only looks. */
  readonly cost?: number
  /** The answer must know this revision of the control plane, or a later one. */
  readonly minRevision?: number | undefined
  /** What to take from a quota, once everything else said yes. Root keys have no quota. */
  readonly quota?: QuotaDemand
}
