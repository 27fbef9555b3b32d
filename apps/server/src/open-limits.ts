import { connect, limitLeases } from '@letterlock/db'
import {
  type GuardedLimits, guardedLimits, leasedLimits, memoryLimits, redisLimits, type TakeShared, type TakeTokens,
} from '@letterlock/verifier'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import { runOnRedis } from './run-on-redis.ts'

/** What the limits need besides the configuration. */
export interface LimitNeeds {
  readonly clock: () => Date
  /** Milliseconds of a clock that only goes forward. */
  readonly monotonic: () => number
  /** How many nodes answer requests, as last known. */
  readonly liveNodes: () => number
  /** Where the leases are; used with `LETTERLOCK_LIMITS=postgres` alone. */
  readonly databaseUrl: string
  readonly log: Log
  /** The longest a request waits for the shared store: 25 ms for Redis, 100 ms for a lease's commit unless given. */
  readonly deadlineMs?: number
}

/** The limits of this node, and in what state the store is that it shares with others. */
export interface OpenLimits extends GuardedLimits {
  readonly kind: Config['limits']
}

/** Opens the store of rate limits. Without the shared one it starts as well, on its local share, and says so. */
export async function openLimits(config: Config, needs: LimitNeeds, closers: AsyncDisposableStack): Promise<OpenLimits> {
  const { clock, monotonic, liveNodes, log } = needs
  const offsetMs = clock().getTime() - monotonic() // a wall clock that is set back must not close the limits
  const local = memoryLimits({ clock: () => new Date(Math.floor(offsetMs + monotonic())) }).takeTokens
  if (config.limits === 'memory') return { kind: 'memory', ...alone(local) }
  const shared = config.limits === 'redis'
    ? await openRedis(config.redisUrls, needs, closers)
    : openLeases(needs, closers)
  const guarded = guardedLimits({
    shared, local, liveNodes, monotonic,
    deadlineMs: needs.deadlineMs ?? defaultDeadlineMs[config.limits],
    onState: (state, reason) => {
      if (state === 'closed') log.info({ limits: config.limits }, 'rate limits are shared again')
      else log.warn({ limits: config.limits, reason: messageOf(reason) }, 'rate limits cannot be shared; each node applies its part')
    },
  })
  return { kind: config.limits, ...guarded }
}

const defaultDeadlineMs = { redis: 25, postgres: 100 } // most requests wait for no lease; those that do, wait for a commit

function alone(takeTokens: TakeTokens): GuardedLimits {
  return { takeTokens, state: () => 'closed', counts: () => ({ faults: 0, openings: 0, localAnswers: 0, inFlight: 0 }) }
}

async function openRedis(urls: readonly string[], { monotonic, log }: LimitNeeds, closers: AsyncDisposableStack): Promise<TakeShared> {
  const { run, connected, close } = runOnRedis(urls, monotonic)
  closers.defer(close)
  const late = new Promise<'late'>((resolve) => setTimeout(resolve, 1_000, 'late').unref())
  if ((await Promise.race([connected, late])) === 'late') {
    log.warn({ hosts: urls.map((url) => new URL(url).host) }, 'Redis cannot be reached; each node applies its part of the rate limits')
  }
  return redisLimits({ run })
}

function openLeases({ databaseUrl, clock, monotonic, log }: LimitNeeds, closers: AsyncDisposableStack): TakeShared {
  const onIdleError = (error: Error) => log.warn({ reason: error.message, pool: 'limits' }, 'a database connection broke')
  const db = connect({ connectionString: databaseUrl, max: 2, applicationName: 'letterlock-limits', onIdleError })
  closers.defer(() => db.destroy())
  return leasedLimits({ takeLeases: (demands) => limitLeases.takeLeases(db, demands), clock, monotonic })
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason)
}
