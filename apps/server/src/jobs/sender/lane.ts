import type { Db } from '@letterlock/db'
import type { Log } from '../../log.ts'
import type { Channel } from './channel.ts'
import type { SenderLimits } from './limits.ts'

/** One stream of mail through one channel. */
export interface Lane {
  /** Works until it is stopped. */
  readonly start: () => void
  /** Something may have changed. */
  readonly notify: () => void
  /** Connections in use. */
  readonly active: () => number
  /** Extends the leases of all it holds. */
  readonly heartbeat: (leaseUntil: Date) => Promise<void>
  /** Takes nothing more, finishes what is under way, writes the results and gives the rest back. */
  readonly stop: (enough: AbortSignal) => Promise<void>
}

export interface LaneDeps {
  readonly db: Db
  readonly channel: Channel
  readonly limits: SenderLimits
  readonly clock: () => Date
  readonly random: () => number
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>
  /** Names this sender in the leases. */
  readonly owner: string
  /** How many connections the lane may use right now. */
  readonly connectionsFor: (lane: 'campaign' | 'email') => number
}
