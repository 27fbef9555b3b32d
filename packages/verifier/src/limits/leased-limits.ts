import type { TakeShared } from './guarded-limits.ts'
import { demandOf, type Instant, type Lease, type LeaseDemand, leaseOf, leftOf, noteDemand, pauseMsOf, refusalMs, stateOf } from './lease.ts'
import type { NamedLimit } from '../policy/rate-limit.ts'
import type { Taken } from './take-tokens.ts'

/** What the shared bucket gave, and how full it is then. */
export interface LeaseGrant {
  /** 0 to the tokens asked for. */
  readonly tokens: number
  readonly level: number
}

/**
 * Port: pours into each shared bucket as many of the tokens as its capacity holds, in the time of the store, and
 * answers in the order of the demands. They come sorted by bucket, each once.
 * @throws when the store is out; what was granted then is lost
 */
export type TakeLeases = (demands: readonly LeaseDemand[]) => Promise<readonly LeaseGrant[]>

/** What `leasedLimits` needs. */
export interface LeasedLimitsOptions {
  readonly takeLeases: TakeLeases
  readonly clock: () => Date
  /** Milliseconds of a clock that only goes forward. */
  readonly monotonic: () => number
  /** How long a node may use what it took; 200 ms unless given. */
  readonly ttlMs?: number
  /** Buckets remembered; 100 000 unless given. */
  readonly maxBuckets?: number
}

type Request = Parameters<TakeShared>[0]

interface Waiter {
  readonly request: Request
  readonly resolve: (taken: Taken) => void
  readonly reject: (error: unknown) => void
}

interface Wanted {
  readonly lease: Lease
  needed: number
  /** What was spent elsewhere, so that nobody gets it here. */
  burnt: number
}

const perRound = 1_000

/**
 * Rate limits that nodes share without a store that is fast enough to be asked each time: a node takes some tokens
 * of the shared bucket at once and serves requests from them, synchronously, until they are used or `ttlMs` old.
 *
 * Never too many: a token that is used at u was granted between u - ttl and u, so what is used within t was granted
 * within t + ttl: at most `capacity + rate * (t + ttl)`. The capacity of the shared bucket is `burst - rate * ttl`
 * (see lease.ts), so that is `burst + rate * t`, the bound of every other store. A request that waited for the grant
 * itself counts as admitted at the moment of the grant. Ages are counted from before the question.
 *
 * Not all: the burst is smaller by `rate * ttl` (by half of it at most), so a cost above that never fits; and a node
 * whose load ends loses what is left of its last lease, at most what it uses in ttl / 2 and a quarter of the capacity.
 * Under steady load beyond the limit all leases are used up.
 *
 * Refusals cost the store nothing: others only take, so a bucket that was too full stays so for the time it needs.
 */
export function leasedLimits(options: LeasedLimitsOptions): TakeShared {
  const { takeLeases, clock, monotonic, ttlMs = 200, maxBuckets = 100_000 } = options
  const leases = new Map<string, Lease>()
  let waiting: Waiter[] = []
  let isAsking = false

  return (request) => {
    const now = instant()
    const held = request.limits.map((limit) => hold(limit, now))
    for (const lease of held) noteDemand(lease, request.cost, now.monotonicMs)
    const answer = request.spent ? null : serve(held, request.cost, now)
    return answer ?? new Promise((resolve, reject) => {
      waiting.push({ request, resolve, reject })
      if (!isAsking) void askInRounds()
    })
  }

  function instant(): Instant {
    return { monotonicMs: monotonic(), wallMs: clock().getTime() }
  }

  function hold(limit: NamedLimit, { monotonicMs }: Instant): Lease {
    const known = leases.get(limit.bucket)
    if (known?.limit.burst === limit.burst) return known
    if (leases.size >= maxBuckets) forgetOldest()
    const lease = leaseOf(limit, ttlMs, monotonicMs)
    leases.set(limit.bucket, lease)
    return lease
  }

  // what they held is lost, not given twice
  function forgetOldest() {
    for (const bucket of leases.keys()) {
      if (leases.size <= maxBuckets * 0.9) return
      leases.delete(bucket)
    }
  }

  async function askInRounds(): Promise<void> {
    isAsking = true
    while (waiting.length > 0) {
      const round = waiting.slice(0, perRound).filter((waiter) => !isServed(waiter))
      waiting = waiting.slice(perRound)
      if (round.length === 0) continue
      await ask(round).catch((error: unknown) => {
        for (const { reject } of round) reject(error)
      })
    }
    isAsking = false
  }

  // by what the round before brought
  function isServed({ request: { limits, cost, spent }, resolve }: Waiter): boolean {
    const now = instant()
    const answer = spent ? null : serve(limits.map((limit) => hold(limit, now)), cost, now)
    if (answer) resolve(answer)
    return answer !== null
  }

  async function ask(round: readonly Waiter[]): Promise<void> {
    const asked = instant()
    const wanted = wantedBy(round, (limit) => hold(limit, asked))
    const short = [...wanted.values()].filter(({ lease, needed, burnt }) => burnt > 0 || leftOf(lease, asked) < needed)
    short.sort((a, b) => (a.lease.limit.bucket < b.lease.limit.bucket ? -1 : 1))
    const demands = short.map(({ lease, needed, burnt }) => demandOf(lease, needed + burnt))
    const grants = await takeLeases(demands)
    short.forEach(({ lease, burnt }, i) => {
      const { tokens, level } = grants[i] ?? { tokens: 0, level: lease.capacity }
      lease.left = Math.max(0, tokens - burnt) // what was left is lost: it was too little, and ends earlier
      lease.untilMonotonicMs = asked.monotonicMs + lease.ttlMs
      lease.untilWallMs = asked.wallMs + lease.ttlMs
      lease.shared = { level, atMs: asked.monotonicMs }
      lease.askAgainMs = tokens < (demands[i]?.tokens ?? 0) ? asked.monotonicMs + pauseMsOf(lease) : 0
    })
    for (const { request: { limits, cost }, resolve } of round) {
      const held = limits.map(({ bucket }) => wanted.get(bucket)?.lease as Lease) // wantedBy has them all
      resolve(serve(held, cost, asked) ?? refusal(held, cost, asked)) // as of then, however late the answer came
    }
  }
}

function wantedBy(round: readonly Waiter[], hold: (limit: NamedLimit) => Lease): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>()
  for (const { request: { limits, cost, spent } } of round) {
    for (const [i, limit] of limits.entries()) {
      const sum = wanted.get(limit.bucket) ?? { lease: hold(limit), needed: 0, burnt: 0 }
      sum.needed += cost
      sum.burnt += Math.ceil((spent?.[i] ?? 0) / limit.periodMs)
      wanted.set(limit.bucket, sum)
    }
  }
  return wanted
}

/** Answers from what is held and known; null when the shared buckets have to be asked. */
function serve(held: readonly Lease[], cost: number, now: Instant): Taken | null {
  const isShort = (lease: Lease) => leftOf(lease, now) < cost
  if (!held.some(isShort)) {
    for (const lease of held) lease.left -= cost
    return { taken: true, limits: held.map((lease) => stateOf(lease, now)) }
  }
  return held.some((lease) => isShort(lease) && refusalMs(lease, cost, now.monotonicMs) > 0) ? refusal(held, cost, now) : null
}

function refusal(held: readonly Lease[], cost: number, now: Instant): Taken {
  let longest = { limitName: '', retryAfterMs: 0 }
  for (const lease of held) {
    if (leftOf(lease, now) >= cost) continue
    const retryAfterMs = Math.max(1, refusalMs(lease, cost, now.monotonicMs))
    if (retryAfterMs > longest.retryAfterMs) longest = { limitName: lease.limit.name, retryAfterMs }
  }
  return { taken: false, limits: held.map((lease) => stateOf(lease, now)), ...longest }
}
