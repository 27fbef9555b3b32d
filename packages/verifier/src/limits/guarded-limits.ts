import { breaker, type BreakerState } from './breaker.ts'
import type { NamedLimit } from '../policy/rate-limit.ts'
import type { Taken, TakeTokens } from './take-tokens.ts'

type Request = Parameters<TakeTokens>[0]

/** A store of limits that nodes share. `spent`: per limit, the level that was poured elsewhere while it was out. */
export type TakeShared = (request: Owing) => Taken | Promise<Taken>

type Owing = Request & { readonly spent?: readonly number[] }

/** What a guarded store of limits did. */
export interface GuardedCounts {
  /** Calls to the shared store that failed or were not answered within the deadline. */
  readonly faults: number
  /** Times the shared store was given up. */
  readonly openings: number
  /** Requests that were answered from the local share. */
  readonly localAnswers: number
  /** Calls to the shared store that are not settled yet, those given up included. */
  readonly inFlight: number
}

/** Limits from a shared store, or from a local share while it is out. */
export interface GuardedLimits {
  readonly takeTokens: TakeTokens
  /** `closed`: the shared store is used; `open`: the local share is; `half-open`: one request asks the shared store. */
  readonly state: () => BreakerState
  readonly counts: () => GuardedCounts
}

/** What `guardedLimits` needs. */
export interface GuardedLimitsOptions {
  readonly shared: TakeShared
  /** A store in this process (`memoryLimits`), used by nobody else. */
  readonly local: (request: Request) => Taken
  /** How many nodes share the limits, as last known; less than 1 counts as 1. */
  readonly liveNodes: () => number
  /** Milliseconds of a clock that only goes forward (`performance.now`). */
  readonly monotonic: () => number
  /** The longest a request waits for the shared store; 25 ms unless given. */
  readonly deadlineMs?: number
  /** How long the shared store is left alone before one request asks it again; 1 000 ms unless given. */
  readonly probeEveryMs?: number
  /** Calls to the shared store at once; beyond it the local share answers. 1 000 unless given. */
  readonly maxInFlight?: number
  /** Buckets whose local use is told to the shared store once it is back; 100 000 unless given. */
  readonly maxOwed?: number
  /** Called when the shared store was given up (with the reason) and when it is used again, not per request. */
  readonly onState?: (state: 'open' | 'closed', reason?: unknown) => void
}

/**
 * Guards a shared store of limits: no request waits longer than the deadline for it, and none fails because of it.
 * After three faults in a row, or at once when a deadline passes without any answer, it is left alone and each node
 * applies its share: rate and burst divided by the number of nodes. The shares count along while the store works, and
 * the store is told what they gave when it is back. So over an outage, also one that empties the store, not more than
 * `2 * burst + rate * t` is admitted (`n` tokens more when burst < n nodes, whose shares cannot be below 1 token). Each further outage
 * adds what the shares of nodes without their part of the load have regained meanwhile, less than one burst.
 */
export function guardedLimits(options: GuardedLimitsOptions): GuardedLimits {
  const { shared, local, liveNodes, monotonic, deadlineMs = 25, maxInFlight = 1_000, maxOwed = 100_000, onState } = options
  const store = breaker({ monotonic, probeEveryMs: options.probeEveryMs ?? 1_000, ...(onState && { onState }) })
  const owed = new Map<string, number>() // levels that the local buckets hold in place of the shared ones
  let [faults, localAnswers, inFlight, answers] = [0, 0, 0, 0]
  return { takeTokens, state: store.state, counts: () => ({ faults, localAnswers, inFlight, openings: store.openings() }) }

  function takeTokens(request: Request): Taken | Promise<Taken> {
    // given up, calls may still hang: they must not keep the one from the store that finds out whether it is back
    const isFull = store.state() === 'closed' && inFlight >= maxInFlight
    if (isFull || !store.enter()) return takeLocally(request)
    const owing = owed.size > 0 ? pay(request) : request
    try {
      const call = shared(owing)
      return call instanceof Promise ? inTime(owing, call) : succeed(request, call)
    } catch (error) {
      return fail(owing, error)
    }
  }

  function inTime(request: Owing, call: Promise<Taken>): Promise<Taken> {
    const answersBefore = answers
    inFlight++
    return new Promise((resolve) => {
      let isOver = false
      const end = (answer: () => Taken) => {
        if (isOver) return
        isOver = true
        clearTimeout(timer)
        resolve(answer())
      }
      const giveUp = () => end(() => fail(request, new Error(`No answer within ${deadlineMs} ms.`), answers === answersBefore))
      // a process that was busy itself past the deadline first reads what has arrived meanwhile
      const timer = setTimeout(() => setImmediate(giveUp), deadlineMs)
      const settled = () => void inFlight--
      call.then(
        (taken) => (settled(), end(() => succeed(request, taken))),
        (error: unknown) => (settled(), end(() => fail(request, error))),
      )
    })
  }

  // the local share counts along, so that it is no second burst when the store is out, be it again and again
  function succeed({ limits, cost }: Request, taken: Taken): Taken {
    answers++
    store.succeeded()
    if (taken.taken && cost > 0) void local({ limits: sharesOf(limits, cost), cost })
    return taken
  }

  function fail(request: Owing, reason: unknown, isHang = false): Taken {
    faults++
    store.failed(reason, isHang)
    request.limits.forEach((limit, i) => owe(limit, request.spent?.[i] ?? 0)) // it may have been told: rather twice
    return takeLocally(request)
  }

  function takeLocally({ limits, cost }: Request): Taken {
    localAnswers++
    const taken = local({ limits: sharesOf(limits, cost), cost })
    if (taken.taken && cost > 0) for (const limit of limits) owe(limit, cost * limit.periodMs)
    return marked(taken, limits)
  }

  function owe({ bucket }: NamedLimit, level: number) {
    if (level === 0) return
    if (owed.size >= maxOwed) for (const oldest of owed.keys()) if (owed.delete(oldest)) break
    owed.set(bucket, (owed.get(bucket) ?? 0) + level)
  }

  function sharesOf(limits: readonly NamedLimit[], cost: number): NamedLimit[] {
    const nodes = Math.max(1, liveNodes())
    return limits.map((limit) => shareOf(limit, cost, nodes))
  }

  /** Adds what the local buckets gave and what has not drained since; the first request for a bucket tells it. */
  function pay(request: Request): Owing {
    if (!request.limits.some(({ bucket }) => owed.has(bucket))) return request
    const look = local({ limits: sharesOf(request.limits, 0), cost: 0 })
    const nodes = Math.max(1, liveNodes())
    const spent = request.limits.map(({ bucket, count }, i) => {
      const level = Math.round(((look.limits[i]?.resetMs ?? 0) * count) / nodes)
      const given = owed.get(bucket) ?? 0
      owed.delete(bucket)
      return Math.min(level, given)
    })
    return { ...request, spent }
  }
}

// the rate is a fraction then; the bucket stays the same one when the number of nodes changes. A share holds what the
// request costs (if the limit does), or the request could never pass
function shareOf(limit: NamedLimit, cost: number, n: number): NamedLimit {
  const burst = Math.max(1, Math.floor(limit.burst / n), Math.min(cost, limit.burst))
  return { ...limit, count: limit.count / n, burst }
}

// the policy is told as it is, what remains as it is here
function marked(taken: Taken, limits: readonly NamedLimit[]): Taken {
  const states = taken.limits.map((state, i) => {
    const { count = state.count, burst = state.burst } = limits[i] ?? {}
    return { ...state, count, burst }
  })
  return { ...taken, limits: states, limitStore: 'local-share' }
}
