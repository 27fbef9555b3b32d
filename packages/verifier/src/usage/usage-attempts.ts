import { isId, type KeyId } from '@letterlock/contract'
import ipaddr from 'ipaddr.js'

/** So many requests without a proven key from one source within one minute. */
export interface AttemptCount {
  /** The start of the minute. */
  readonly minute: Date
  /** An IPv4 address, or the /64 network of an IPv6 one; `other` for the sources beyond those kept apart. */
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
  /** Rows of one minute, beyond which each source has one row for all the rest. */
  readonly rowsPerMinute: number
  /** Rows that wait to be taken; beyond them each minute has one row for everything. */
  readonly rows: number
}

export const attemptBounds: AttemptBounds = { rowsPerSource: 20, sourcesPerMinute: 1_000, rowsPerMinute: 2_000, rows: 50_000 }

/**
 * Counts requests that proved no key. What is kept apart is bounded per minute, however often the counts are taken: a
 * minute's first sources, and of each its first reasons and claims.
 */
export class UsageAttempts {
  readonly #bounds: AttemptBounds
  readonly #minutes = new Map<number, Minute>()
  #open = new Map<string, AttemptCount>()

  constructor(bounds: AttemptBounds = attemptBounds) {
    this.#bounds = bounds
  }

  add(attempt: { ip: string | null; outcome: string; claimedKeyId: string | null; now: Date }): void {
    const time = attempt.now.getTime()
    const minute = time - (time % 60_000)
    const claimed = attempt.claimedKeyId !== null && isId('key', attempt.claimedKeyId) ? attempt.claimedKeyId : null
    const { sourceIp, reason, claimedKeyId } = this.#place(minute, { ip: sourceOf(attempt.ip), outcome: attempt.outcome, claimed })
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

  #place(minute: number, { ip, outcome, claimed }: { ip: string; outcome: string; claimed: KeyId | null }): Placed {
    const { rowsPerSource, sourcesPerMinute, rowsPerMinute, rows } = this.#bounds
    if (this.#open.size >= rows) return everything
    const seenInMinute = this.#minute(minute)
    const { sources } = seenInMinute
    const isKept = ip !== other && (sources.has(ip) || sources.size < sourcesPerMinute - 1)
    const sourceIp = isKept ? ip : other
    const claimedKeyId = isKept ? claimed : null
    const seen = sources.get(sourceIp) ?? new Set<string>()
    if (isKept) sources.set(sourceIp, seen)
    const name = `${outcome} ${claimedKeyId ?? ''}`
    if (!seen.has(name)) {
      if (seen.size >= rowsPerSource - 1 || seenInMinute.rows >= rowsPerMinute) return { sourceIp, reason: other, claimedKeyId: null }
      seen.add(name)
      seenInMinute.rows++
    }
    return { sourceIp, reason: outcome, claimedKeyId }
  }

  /** What the minute has seen; the newest two minutes are remembered. */
  #minute(minute: number): Minute {
    const known = this.#minutes.get(minute)
    if (known) return known
    const made: Minute = { sources: new Map(), rows: 0 }
    this.#minutes.set(minute, made)
    if (this.#minutes.size > 2) this.#minutes.delete(Math.min(...this.#minutes.keys()))
    return made
  }
}

/** Sources of a minute with what each had a row for. */
interface Minute {
  readonly sources: Map<string, Set<string>>
  rows: number
}

type Placed = Pick<AttemptCount, 'sourceIp' | 'reason' | 'claimedKeyId'>

/** Whoever has an IPv6 network has 2^64 addresses. */
function sourceOf(ip: string | null): string {
  if (ip === null || !ipaddr.isValid(ip)) return other
  const address = ipaddr.process(ip) // an IPv4-mapped one is an IPv4 address
  if (address.kind() === 'ipv4') return address.toString()
  return `${ipaddr.fromByteArray([...address.toByteArray().slice(0, 8), ...Array<number>(8).fill(0)]).toString()}/64`
}

const other = 'other'
const everything: Placed = { sourceIp: other, reason: other, claimedKeyId: null }
