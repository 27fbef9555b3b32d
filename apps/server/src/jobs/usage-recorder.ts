import { type EnvironmentId, type KeyId, type OperationId } from '@letterlock/contract'
import type { Principal } from '../http/principal.ts'
import { repeat } from '../repeat.ts'

/** So many requests of one key to one operation with one outcome within one minute. */
export interface UsageRow {
  readonly environmentId: EnvironmentId
  readonly keyId: KeyId
  readonly operation: OperationId
  readonly outcome: string
  readonly minute: Date
  requests: number
  lastUsedAt: Date
}

export interface UsageBatch {
  readonly batchId: string
  readonly rows: readonly UsageRow[]
}

/**
 * Counts requests in the process and saves them in batches, one a second.
 * A batch that could not be saved is tried again under the same id, so that it counts once.
 */
export class UsageRecorder {
  readonly #save: (batch: UsageBatch) => Promise<void>
  readonly #newBatchId: () => string
  readonly #onError: (error: unknown) => void
  #open = new Map<string, UsageRow>()
  #pending: UsageBatch | null = null
  #flushing: Promise<void> = Promise.resolve()
  #repeating: { stop: () => Promise<void> } | null = null

  constructor(options: { save: (batch: UsageBatch) => Promise<void>; newBatchId: () => string; onError: (error: unknown) => void }) {
    this.#save = options.save
    this.#newBatchId = options.newBatchId
    this.#onError = options.onError
  }

  record(use: { principal: Principal; operationId: OperationId; outcome: string; now: Date }): void {
    const { keyId, environmentId } = use.principal
    const minute = use.now.getTime() - (use.now.getTime() % 60_000)
    const name = `${keyId} ${use.operationId} ${use.outcome} ${minute}`
    const row = this.#open.get(name)
    if (row) {
      row.requests++
      row.lastUsedAt = use.now
      return
    }
    const { operationId: operation, outcome } = use
    this.#open.set(name, { environmentId, keyId, operation, outcome, minute: new Date(minute), requests: 1, lastUsedAt: use.now })
  }

  /** How many counters wait to be saved. */
  get waiting(): number {
    return this.#open.size + (this.#pending?.rows.length ?? 0)
  }

  start(everyMs: number): void {
    this.#repeating = repeat(everyMs, () => this.flush(), this.#onError)
  }

  /** Saves what was recorded before the call; rejects when it could not be saved (it is kept). */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.catch(() => undefined).then(() => this.#flushOnce())
    return this.#flushing
  }

  async #flushOnce(): Promise<void> {
    if (this.#pending) await this.#savePending(this.#pending)
    if (this.#open.size === 0) return
    this.#pending = { batchId: this.#newBatchId(), rows: [...this.#open.values()] }
    this.#open = new Map()
    await this.#savePending(this.#pending)
  }

  async #savePending(batch: UsageBatch): Promise<void> {
    await this.#save(batch)
    this.#pending = null
  }

  /** Ends the timer and saves the rest. Rejects with the number of requests that could not be saved. */
  async stop(): Promise<void> {
    await this.#repeating?.stop()
    try {
      await this.flush()
    } catch (error) {
      const rows = [...(this.#pending?.rows ?? []), ...this.#open.values()]
      const requests = rows.reduce((sum, row) => sum + row.requests, 0)
      throw new Error(`the usage of ${requests} requests could not be saved`, { cause: error })
    }
  }
}
