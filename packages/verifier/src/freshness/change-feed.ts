import { type Clocks, isWithin, type Moment, momentOf } from './moment.ts'
import type { PollChanges, Polled } from '../ports.ts'

/** What the feed needs of the world. */
export interface ChangeFeedPorts extends Clocks {
  readonly pollChanges: PollChanges
  /** Applies an answer to what is cached; the revision counts as seen after that. */
  readonly apply: (polled: Polled, seen: number | null) => void
  readonly onError: (error: unknown) => void
}

export interface ChangeFeedOptions {
  readonly maxStalenessMs: number
  readonly pollEveryMs: number
}

interface Waiter {
  readonly isDone: () => boolean
  readonly end: () => void
}

/**
 * Follows the revision of the control plane: one poll at a time, one every `pollEveryMs`, at once when woken.
 * An answer proves the view as of the start of its poll; none later than `maxStalenessMs` is waited for.
 */
export class ChangeFeed {
  readonly #ports: ChangeFeedPorts
  readonly #options: ChangeFeedOptions
  readonly #waiters = new Set<Waiter>()
  #revision: number | null = null
  #stamp: string | null = null
  #provenAt: Moment | null = null
  #loop: Promise<void> | null = null
  #poll: AbortController | null = null
  #endRest: (() => void) | null = null
  #isWoken = false
  #isStopped = false
  #polls = 0
  #pollFailures = 0

  constructor(ports: ChangeFeedPorts, options: ChangeFeedOptions) {
    this.#ports = ports
    this.#options = options
  }

  /** The last revision whose changes were applied; null before the first. */
  get revision(): number | null {
    return this.#revision
  }

  /** Which history that revision belongs to; null when it is not known. */
  get stamp(): string | null {
    return this.#stamp
  }

  get counts(): { readonly polls: number; readonly pollFailures: number } {
    return { polls: this.#polls, pollFailures: this.#pollFailures }
  }

  /** True while the view is proven to be at most `maxStalenessMs` old. */
  isFresh(now: Moment): boolean {
    return this.#provenAt !== null && isWithin(this.#provenAt, now, this.#options.maxStalenessMs)
  }

  /** How old the view can be, by the clock that says more; Infinity before the first proof. */
  ageMs(now: Moment): number {
    if (this.#provenAt === null) return Infinity
    return Math.max(now.monotonicMs - this.#provenAt.monotonicMs, now.wallMs - this.#provenAt.wallMs)
  }

  /** Begins to poll. Resolves when the view is fresh, or after one deadline when it is not; polling goes on then. */
  start(): Promise<void> {
    this.#loop ??= this.#run()
    return this.#until(() => this.isFresh(momentOf(this.#ports)), { withinMs: this.#options.maxStalenessMs })
  }

  /** Polls at once; while a poll is running, once more after it, because that one may have looked too early. */
  wake(): void {
    this.#isWoken = true
    this.#endRest?.()
  }

  /** Resolves when the seen revision is above `revision`, was set back or is one of another history, after `withinMs`, or when the signal aborts. */
  changedAfter(revision: number, options: { readonly withinMs: number; readonly signal: AbortSignal }): Promise<void> {
    const before = this.#revision ?? 0
    const stamp = this.#stamp
    const isChanged = () =>
      this.#revision !== null &&
      (this.#revision > revision || this.#revision < before || (this.#revision === before && this.#stamp !== stamp))
    return this.#until(isChanged, options)
  }

  /** Ends the polls and all who wait. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#poll?.abort(new Error('The change feed was stopped.'))
    this.#endRest?.()
    for (const { end } of this.#waiters) end()
    await this.#loop
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const startedAt = momentOf(this.#ports)
      this.#isWoken = false
      await this.#pollOnce(startedAt)
      if (!this.#isWoken) await this.#rest(startedAt.monotonicMs + this.#options.pollEveryMs - this.#ports.monotonic())
    }
  }

  async #pollOnce(startedAt: Moment): Promise<void> {
    const { maxStalenessMs } = this.#options
    const poll = new AbortController()
    this.#poll = poll
    const deadline = setTimeout(() => poll.abort(new Error(`The poll had no answer within ${maxStalenessMs} ms.`)), maxStalenessMs)
    this.#polls += 1
    try {
      this.#prove(await orAborted(this.#ports.pollChanges(this.#revision, poll.signal, this.#stamp), poll.signal), startedAt)
    } catch (error) {
      if (this.#isStopped) return
      this.#pollFailures += 1
      this.#ports.onError(error)
    } finally {
      clearTimeout(deadline)
    }
  }

  #prove(polled: Polled, startedAt: Moment): void {
    const seen = this.#revision
    const isSetBack = seen !== null && (polled.revision < seen || (polled.revision === seen && this.#isOther(polled)))
    this.#ports.apply(isSetBack ? { ...polled, changes: 'all' } : polled, seen)
    this.#revision = polled.revision
    this.#stamp = polled.stamp ?? null
    const provenAt = shifted(startedAt, momentOf(this.#ports), polled.provenAfterMs ?? 0)
    // an older proof of the same history stays true: only what came later was added to it
    if (isSetBack || polled.changes === 'all' || this.#provenAt === null || provenAt.monotonicMs >= this.#provenAt.monotonicMs) this.#provenAt = provenAt
    for (const { isDone, end } of this.#waiters) if (isDone()) end()
  }

  /** True when the seen revision has another stamp: the same number, another history. */
  #isOther({ stamp }: Polled): boolean {
    return stamp !== undefined && this.#stamp !== null && stamp !== this.#stamp
  }

  #rest(ms: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve()
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        this.#endRest = null
        resolve()
      }
      const timer = setTimeout(end, Math.max(0, ms))
      this.#endRest = end
    })
  }

  #until(isDone: () => boolean, { withinMs, signal }: { withinMs: number; signal?: AbortSignal }): Promise<void> {
    if (this.#isStopped || signal?.aborted || isDone()) return Promise.resolve()
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', end)
        this.#waiters.delete(waiter)
        resolve()
      }
      const waiter: Waiter = { isDone, end }
      const timer = setTimeout(end, withinMs)
      signal?.addEventListener('abort', end, { once: true })
      this.#waiters.add(waiter)
    })
  }
}

/** A proof by another node is older or younger than the start of the poll, never younger than its answer. */
function shifted(startedAt: Moment, answeredAt: Moment, ms: number): Moment {
  return {
    monotonicMs: Math.min(startedAt.monotonicMs + ms, answeredAt.monotonicMs),
    wallMs: Math.min(startedAt.wallMs + ms, answeredAt.wallMs),
  }
}

function orAborted<Answer>(answer: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }) // aborted here alone, by an Error
    answer.then(resolve, reject)
  })
}
