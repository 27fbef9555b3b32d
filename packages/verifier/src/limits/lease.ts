import { drain, type Level } from './gcra.ts'
import type { NamedLimit } from '../policy/rate-limit.ts'
import type { LimitState } from './take-tokens.ts'

/** What a node wants of a shared bucket. */
export interface LeaseDemand {
  readonly bucket: string
  readonly count: number
  readonly periodMs: number
  /** How high the bucket may be filled: the burst without what is reserved for leases that are used late. */
  readonly capacity: number
  readonly tokens: number
}

/** What a node holds of a shared bucket, and what it knows of it. */
export interface Lease {
  readonly limit: NamedLimit
  readonly ttlMs: number
  readonly capacity: number
  left: number
  untilMonotonicMs: number
  untilWallMs: number
  /** The shared bucket is at least as full as this; the time is monotonic. */
  shared: Level
  askAgainMs: number
  demand: { tokens: number; sinceMs: number; perMs: number }
}

export interface Instant {
  readonly monotonicMs: number
  readonly wallMs: number
}

const leasedFrom = 11

/**
 * A limit with a burst of 10 or less is not leased: its tokens are for those who wait for them, and nothing is
 * reserved. Otherwise a lease lasts `ttlMs`, or less when what it drains in that time is more than half of the burst.
 */
export function leaseOf(limit: NamedLimit, maxTtlMs: number, nowMs: number): Lease {
  const { burst, periodMs, count } = limit
  const ttlMs = burst < leasedFrom ? 0 : Math.min(maxTtlMs, Math.floor((Math.floor(burst / 2) * periodMs) / count))
  return {
    limit, ttlMs,
    capacity: burst * periodMs - ttlMs * count,
    left: 0, untilMonotonicMs: 0, untilWallMs: 0,
    shared: { level: 0, atMs: nowMs },
    askAgainMs: 0,
    demand: { tokens: 0, sinceMs: nowMs, perMs: 0 },
  }
}

/** The tokens that may still be used; both clocks count, since one stands still while a machine sleeps. */
export function leftOf(lease: Lease, now: Instant): number {
  return now.monotonicMs <= lease.untilMonotonicMs && now.wallMs <= lease.untilWallMs ? lease.left : 0
}

/** Counts what requests want, over spans of at least the time of a lease. */
export function noteDemand({ demand, ttlMs }: Lease, tokens: number, nowMs: number): void {
  const elapsedMs = nowMs - demand.sinceMs
  if (elapsedMs > Math.max(1, ttlMs)) Object.assign(demand, { tokens: 0, sinceMs: nowMs, perMs: demand.tokens / elapsedMs })
  demand.tokens += tokens
}

/** Asks for what is needed, and for what the node uses in half the time of a lease; a quarter of the bucket at most. */
export function demandOf({ limit, capacity, ttlMs, demand }: Lease, tokens: number): LeaseDemand {
  const { bucket, count, periodMs } = limit
  const perMs = Math.max(demand.perMs, demand.tokens / Math.max(1, ttlMs))
  const ahead = Math.floor(Math.min((perMs * ttlMs) / 2, capacity / periodMs / 4))
  return { bucket, count, periodMs, capacity, tokens: tokens + ahead }
}

/** The shared bucket gave less than was wanted: it is left alone while it refills, but never so long that it runs over. */
export function pauseMsOf({ limit, capacity, ttlMs }: Lease): number {
  return Math.min(ttlMs / 4, capacity / limit.count / 2)
}

/** Milliseconds until the shared bucket can have room for `cost`, since others only take; 0: it may have it now. */
export function refusalMs(lease: Lease, cost: number, nowMs: number): number {
  const excess = drain(lease.limit, lease.shared, nowMs).level + cost * lease.limit.periodMs - lease.capacity
  if (cost * lease.limit.periodMs > lease.capacity) return Infinity
  return Math.ceil(Math.max(0, excess / lease.limit.count, lease.askAgainMs - nowMs))
}

/** As far as this node knows. */
export function stateOf(lease: Lease, now: Instant): LimitState {
  const { name, count, periodMs, burst } = lease.limit
  const { level } = drain(lease.limit, lease.shared, now.monotonicMs)
  const remaining = Math.floor(leftOf(lease, now) + Math.max(0, (lease.capacity - level) / periodMs))
  return { name, count, periodMs, burst, remaining, resetMs: Math.ceil(level / count) }
}
