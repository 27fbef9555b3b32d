import { breaker, type BreakerState } from './breaker.ts'
import type { NamedLimit } from './rate-limit.ts'
import type { Taken, TakeTokens } from './take-tokens.ts'

type Request = Parameters<TakeTokens>[0]

/** A store of limits that nodes share. `spent`: per limit, the level that was poured elsewhere while it was out. */
export type TakeShared = (request: Request & { readonly spent?: readonly number[] }) => Taken | Promise<Taken>

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
  readonly local: TakeTokens
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
 * applies its share: rate and burst divided by the number of nodes. When it is back it is told what is still in the
 * local buckets. So over an outage, also one that empties the store, not more than
 * `2 * burst + rate * t` is admitted (`n` tokens more when burst < n nodes, whose shares cannot be below 1 token).
 */
export function guardedLimits(options: GuardedLimitsOptions): GuardedLimits {
  const { shared, local, liveNodes, monotonic, deadlineMs = 25, maxInFlight = 1_000, maxOwed = 100_000, onState } = options
  const store = breaker({ monotonic, probeEveryMs: options.probeEveryMs ?? 1_000, ...(onState && { onState }) })
  const owed = new Set<string>() // buckets in whose place the local ones were used
  let [faults, localAnswers, inFlight, answers] = [0, 0, 0, 0]
  return { takeTokens, state: store.state, counts: () => ({ faults, localAnswers, inFlight, openings: store.openings() }) }

  function takeTokens(request: Request): Taken | Promise<Taken> {
    if (inFlight >= maxInFlight || !store.enter()) return takeLocally(request)
    try {
      const call = shared(owed.size > 0 ? withSpent(request) : request)
      return call instanceof Promise ? inTime(request, call) : succeed(call)
    } catch (error) {
      return fail(request, error)
    }
  }

  function inTime(request: Request, call: Promise<Taken>): Promise<Taken> {
    const answersBefore = answers
    inFlight++
    return new Promise((resolve) => {
      let isOver = false
      const end = (answer: () => Taken | Promise<Taken>) => {
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
        (taken) => (settled(), end(() => succeed(taken))),
        (error: unknown) => (settled(), end(() => fail(request, error))),
      )
    })
  }

  function succeed(taken: Taken): Taken {
    answers++
    store.succeeded()
    return taken
  }

  function fail(request: Request, reason: unknown, isHang = false): Taken | Promise<Taken> {
    faults++
    store.failed(reason, isHang)
    return takeLocally(request)
  }

  function takeLocally({ limits, cost }: Request): Taken | Promise<Taken> {
    localAnswers++
    for (const { bucket } of limits) owe(bucket)
    const taken = local({ limits: limits.map((limit) => shareOf(limit, cost, liveNodes())), cost })
    return taken instanceof Promise ? taken.then((later) => marked(later, limits)) : marked(taken, limits)
  }

  function owe(bucket: string) {
    if (owed.size >= maxOwed) for (const oldest of owed) if (owed.delete(oldest)) break
    owed.add(bucket)
  }

  // told once; when that fails, takeLocally notes it again
  function withSpent(request: Request): Parameters<TakeShared>[0] {
    const { limits } = request
    if (!limits.some(({ bucket }) => owed.has(bucket))) return request
    const nodes = liveNodes()
    const look = local({ limits: limits.map((limit) => shareOf(limit, 0, nodes)), cost: 0 })
    if (look instanceof Promise) return request
    const spent = limits.map((limit, i) => {
      const resetMs = look.limits[i]?.resetMs ?? 0
      return owed.delete(limit.bucket) ? Math.round((resetMs * limit.count) / Math.max(1, nodes)) : 0
    })
    return { ...request, spent }
  }
}

// the rate is a fraction then; the bucket stays the same one when the number of nodes changes. A share holds what the
// request costs (if the limit does), or the request could never pass
function shareOf(limit: NamedLimit, cost: number, nodes: number): NamedLimit {
  const n = Math.max(1, nodes)
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
