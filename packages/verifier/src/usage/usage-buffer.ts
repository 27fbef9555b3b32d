import { errorCodes, type KeyId } from '@letterlock/contract'
import type { RecordedUse, UsageCount } from './recorded-use.ts'
import { type AttemptBounds, type AttemptCount, UsageAttempts } from './usage-attempts.ts'
import { type RequestRecords, UsageRecords } from './usage-records.ts'

/** When a key was last used, by one of its secret versions. */
export interface LastUse {
  readonly keyId: KeyId
  readonly secretVersion: number | null
  readonly at: Date
  readonly ip: string | null
}

export interface UsageBatch {
  /** The same at every try. */
  readonly batchId: string
  readonly counts: readonly UsageCount[]
  readonly records: readonly RequestRecords[]
  readonly attempts: readonly AttemptCount[]
  readonly lastUses: readonly LastUse[]
}

/**
 * Port: saves a batch exactly once, whatever part of an earlier try under the same id was saved.
 * @throws when it cannot be known that the batch was saved; it comes again
 */
export type SaveUsage = (batch: UsageBatch) => Promise<void>

export interface UsageBufferOptions {
  readonly save: SaveUsage
  readonly newBatchId: () => string
  /** Milliseconds of a clock that is never set back. */
  readonly monotonic?: () => number
  /** Records kept while they cannot be saved; beyond them the oldest are dropped and counted. */
  readonly maxRecords?: number
  /** Records that are dropped, and handed to the store, together. */
  readonly recordsPerPart?: number
  /** Counters kept apart by minute; beyond them they are kept by hour. */
  readonly maxCounts?: number
  /** A key's last use is saved once in this time at most. */
  readonly lastUseEveryMs?: number
  readonly attempts?: AttemptBounds
}

/** What waits, and what was lost. */
export interface UsageState {
  /** Requests that are not counted in the store yet. */
  readonly requests: number
  /** The counters they are in. */
  readonly counts: number
  readonly records: number
  readonly attempts: number
  /** Records dropped since the start; their requests are counted nevertheless. */
  readonly dropped: number
}

/**
 * Keeps what is to be known of requests until it is saved, in batches. Recording neither waits nor throws; a batch that
 * could not be saved is tried again under the same id, so that it counts once. Memory is bounded while the store is out.
 */
export class UsageBuffer {
  readonly #options: Required<Omit<UsageBufferOptions, 'attempts' | 'recordsPerPart'>>
  readonly #records: UsageRecords
  readonly #attempts: UsageAttempts
  #keys = new Map<KeyId, OfKey>()
  #countsSize = 0
  #lastUsesTakenAt = -Infinity
  #pending: (UsageBatch & { readonly records: RequestRecords[] }) | null = null
  readonly #refusedRecords = new Map<string, number>()
  #refusedMinute = 0
  #isSaving = false
  #dropped = 0
  #flushing: Promise<unknown> = Promise.resolve()

  constructor(options: UsageBufferOptions) {
    const { attempts, recordsPerPart = 5_000, ...rest } = options
    this.#options = { monotonic: () => performance.now(), maxRecords: 100_000, maxCounts: 100_000, lastUseEveryMs: 10_000, ...rest }
    this.#records = new UsageRecords(recordsPerPart)
    this.#attempts = new UsageAttempts(attempts)
  }

  record(use: RecordedUse): void {
    if (use.key === null) {
      this.#attempts.add({ ip: use.ip, outcome: use.outcome, claimedKeyId: use.claimedKeyId ?? null, now: use.now })
      return
    }
    const ofKey = this.#ofKey(use.key.keyId)
    const time = use.now.getTime()
    const count = this.#count(ofKey, use as ProvenUse, time)
    const isRefused = refused.has(use.outcome)
    if (!isRefused) noteLastUse(ofKey, use, time)
    if ((isRefused || use.outcome === 'rate_limited') && this.#hasEnoughOf(use.key.keyId, use.outcome, time)) count.dropped++
    else this.#records.add(use, count)
    if (this.#waitingRecords > this.#options.maxRecords) this.#dropOldest()
  }

  state(): UsageState {
    const { counts, attempts } = this.#pending ?? { counts: [], attempts: [] }
    const waiting = [...this.#openCounts(), ...counts]
    return {
      requests: waiting.reduce((sum, { requests }) => sum + requests, 0),
      counts: waiting.length,
      records: this.#waitingRecords,
      attempts: this.#attempts.size + attempts.length,
      dropped: this.#dropped,
    }
  }

  /**
   * Saves what was recorded before the call; rejects when it could not be saved (it is kept).
   * `final` saves the last uses too, however short ago that was done. Resolves with whether nothing recorded before the
   * call waits any longer, the last uses included.
   */
  flush(options: { final?: boolean } = {}): Promise<boolean> {
    const flushed = this.#flushing.catch(() => undefined).then(() => this.#flushOnce(options.final ?? false))
    this.#flushing = flushed
    return flushed
  }

  async #flushOnce(final: boolean): Promise<boolean> {
    if (this.#pending) await this.#savePending(this.#pending)
    const isComplete = this.#isLastUseDue(final)
    this.#pending = this.#take(isComplete)
    if (this.#pending) await this.#savePending(this.#pending)
    return isComplete
  }

  #isLastUseDue(final: boolean): boolean {
    const { monotonic, lastUseEveryMs } = this.#options
    return final || monotonic() - this.#lastUsesTakenAt >= lastUseEveryMs
  }

  async #savePending(batch: UsageBatch): Promise<void> {
    this.#isSaving = true
    try {
      await this.#options.save(batch)
      this.#pending = null
    } finally {
      this.#isSaving = false
    }
  }

  #take(isLastUseDue: boolean): UsageBatch & { records: RequestRecords[] } | null {
    const { monotonic, newBatchId } = this.#options
    const lastUses = isLastUseDue ? this.#openLastUses() : []
    if (this.#countsSize === 0 && this.#attempts.size === 0 && lastUses.length === 0) return null
    const counts = this.#openCounts()
    this.#countsSize = 0
    if (lastUses.length > 0) this.#lastUsesTakenAt = monotonic()
    if (isLastUseDue) this.#keys = new Map()
    else for (const ofKey of this.#keys.values()) ofKey.counts = []
    return { batchId: newBatchId(), counts, records: this.#records.take(), attempts: this.#attempts.take(), lastUses }
  }

  /** Whoever holds a key that is refused can ask as often as he likes: the first records of a minute tell enough. */
  #hasEnoughOf(...[keyId, outcome, time]: [keyId: KeyId, outcome: string, time: number]): boolean {
    const minute = Math.floor(time / 60_000)
    if (minute !== this.#refusedMinute) this.#refusedRecords.clear()
    this.#refusedMinute = minute
    const name = `${keyId} ${outcome}`
    const records = this.#refusedRecords.get(name) ?? 0
    if (records < refusedRecordsPerMinute) this.#refusedRecords.set(name, records + 1)
    return records >= refusedRecordsPerMinute
  }

  #openCounts(): UsageCount[] {
    return [...this.#keys.values()].flatMap(({ counts }) => counts)
  }

  #openLastUses(): LastUse[] {
    return [...this.#keys].flatMap(([keyId, { lastUses }]) =>
      lastUses.map(({ secretVersion, time, ip }) => ({ keyId, secretVersion, at: new Date(time), ip })))
  }

  #ofKey(keyId: KeyId): OfKey {
    const known = this.#keys.get(keyId)
    if (known) return known
    const made: OfKey = { counts: [], lastUses: [] }
    this.#keys.set(keyId, made)
    return made
  }

  #count({ counts }: OfKey, { key, operation, outcome }: ProvenUse, time: number): UsageCount {
    const minute = time - (time % (this.#countsSize < this.#options.maxCounts ? 60_000 : 3_600_000))
    const known = findCount(counts, { operation, outcome, minute })
    if (known) {
      known.requests++
      return known
    }
    const { environmentId, keyId } = key
    const count = { environmentId, keyId, operation, outcome, minute: new Date(minute), requests: 1, dropped: 0 }
    counts.push(count)
    this.#countsSize++
    return count
  }

  get #waitingRecords(): number {
    return this.#records.size + (this.#pending?.records.reduce((sum, { times }) => sum + times.length, 0) ?? 0)
  }

  /** A batch that is being saved stays as it is; one that waits for its next try gives first, being the oldest. */
  #dropOldest(): void {
    const oldest = (this.#isSaving ? undefined : this.#pending?.records.shift()) ?? this.#records.shift()
    if (!oldest) return
    for (const count of oldest.counts) count.dropped++
    this.#dropped += oldest.times.length
  }
}

/** What waits of one key: one look-up a request. */
interface OfKey {
  counts: UsageCount[]
  readonly lastUses: LastTime[]
}

/** A number, not a date: what lives for seconds should hold nothing that a request made. */
interface LastTime {
  readonly secretVersion: number | null
  time: number
  ip: string | null
}

type ProvenUse = RecordedUse & { readonly key: NonNullable<RecordedUse['key']> }

function noteLastUse({ lastUses }: OfKey, { secretVersion = null, ip }: RecordedUse, time: number): void {
  for (const known of lastUses) {
    if (known.secretVersion !== secretVersion) continue
    if (time < known.time) return
    known.time = time
    if (known.ip !== ip) known.ip = ip
    return
  }
  lastUses.push({ secretVersion, time, ip })
}

/** The newest first: that of the running minute. */
function findCount(counts: readonly UsageCount[], wanted: { operation: string; outcome: string; minute: number }): UsageCount | undefined {
  for (let index = counts.length - 1; index >= 0; index--) {
    const count = counts[index]
    if (count?.operation === wanted.operation && count.outcome === wanted.outcome && count.minute.getTime() === wanted.minute) return count
  }
  return undefined
}

/** The key was not let in. */
const refused = new Set<string>(
  Object.entries(errorCodes).filter(([, { status }]) => (status as number) === 401 || (status as number) === 403).map(([code]) => code),
)

/** Records of one key with one refusal in one minute; the rest is counted. */
const refusedRecordsPerMinute = 10
