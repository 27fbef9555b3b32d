import { isId, type KeyId } from '@letterlock/contract'

/** So many requests without a proven key from one source within one minute. */
export interface AttemptCount {
  /** The start of the minute. */
  readonly minute: Date
  /** `other` for the sources beyond those kept apart. */
  readonly sourceIp: string
  /** The outcome; `other` for what is not kept apart of one source. */
  readonly reason: string
  /** Which key it claimed to be, when that is well formed; nothing proves it. */
  readonly claimedKeyId: KeyId | null
  attempts: number
  lastAt: Date
}

/** How much of what anybody can make up is kept apart. */
export interface AttemptBounds {
  /** Rows of one source in one minute, the one for all the rest included. */
  readonly rowsPerSource: number
  /** Sources in one minute, the one for all the others included. */
  readonly sourcesPerMinute: number
  /** Rows that wait to be taken; beyond them each minute has one row for everything. */
  readonly rows: number
}

export const attemptBounds: AttemptBounds = { rowsPerSource: 20, sourcesPerMinute: 1_000, rows: 50_000 }

/**
 * Counts requests that proved no key. What is kept apart is bounded per minute, however often the counts are taken: a
 * minute's first sources, and of each its first reasons and claims.
 */
export class UsageAttempts {
  readonly #bounds: AttemptBounds
  readonly #minutes = new Map<number, Map<string, Set<string>>>()
  #open = new Map<string, AttemptCount>()

  constructor(bounds: AttemptBounds = attemptBounds) {
    this.#bounds = bounds
  }

  add(attempt: { ip: string | null; outcome: string; claimedKeyId: string | null; now: Date }): void {
    const time = attempt.now.getTime()
    const minute = time - (time % 60_000)
    const claimed = attempt.claimedKeyId !== null && isId('key', attempt.claimedKeyId) ? attempt.claimedKeyId : null
    const { sourceIp, reason, claimedKeyId } = this.#place(minute, attempt.ip ?? 'other', attempt.outcome, claimed)
    const name = `${minute} ${sourceIp} ${reason} ${claimedKeyId ?? ''}`
    const row = this.#open.get(name)
    if (!row) {
      this.#open.set(name, { minute: new Date(minute), sourceIp, reason, claimedKeyId, attempts: 1, lastAt: attempt.now })
      return
    }
    row.attempts++
    if (row.lastAt < attempt.now) row.lastAt = attempt.now
  }

  /** Rows that wait to be taken. */
  get size(): number {
    return this.#open.size
  }

  take(): AttemptCount[] {
    const taken = [...this.#open.values()]
    this.#open = new Map()
    return taken
  }

  #place(minute: number, ip: string, outcome: string, claimed: KeyId | null): Pick<AttemptCount, 'sourceIp' | 'reason' | 'claimedKeyId'> {
    const { rowsPerSource, sourcesPerMinute, rows } = this.#bounds
    if (this.#open.size >= rows) return everything
    const sources = this.#sourcesOf(minute)
    const isKept = ip !== 'other' && (sources.has(ip) || sources.size < sourcesPerMinute - 1)
    const sourceIp = isKept ? ip : 'other'
    const claimedKeyId = isKept ? claimed : null
    const seen = sources.get(sourceIp) ?? new Set<string>()
    if (isKept) sources.set(sourceIp, seen)
    const name = `${outcome} ${claimedKeyId ?? ''}`
    if (!seen.has(name)) {
      if (seen.size >= rowsPerSource - 1) return { sourceIp, reason: 'other', claimedKeyId: null }
      seen.add(name)
    }
    return { sourceIp, reason: outcome, claimedKeyId }
  }

  /** What the minute has seen; the newest two minutes are remembered. */
  #sourcesOf(minute: number): Map<string, Set<string>> {
    const known = this.#minutes.get(minute)
    if (known) return known
    const sources = new Map<string, Set<string>>()
    this.#minutes.set(minute, sources)
    if (this.#minutes.size > 2) this.#minutes.delete(Math.min(...this.#minutes.keys()))
    return sources
  }
}

const everything = { sourceIp: 'other', reason: 'other', claimedKeyId: null } as const
