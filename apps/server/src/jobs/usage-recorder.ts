import { errorCodes, newId, type OperationId } from '@letterlock/contract'
import { type UsageBatch, UsageBuffer, type UsageBufferOptions, type UsageState } from '@letterlock/verifier'
import type { Principal } from '../http/principal.ts'
import { repeat } from '../repeat.ts'

export type { UsageBatch }

/** One request of the product API, after its answer. */
export interface Use {
  readonly requestId: string
  /** Null when no key was proven. */
  readonly principal: Pick<Principal, 'keyId' | 'environmentId'> | null
  /** The id in the key that was presented, when none was proven. */
  readonly claimedKeyId?: string | null
  readonly secretVersion: number | null
  readonly operationId: OperationId
  readonly outcome: string
  readonly status: number
  readonly now: Date
  readonly durationMs: number
  readonly ip: string | null
  readonly userAgent: string | null
}

/** What the recorder can do without: until the rooms hand it over, it is made up or left out. */
type Given = Pick<Use, 'principal' | 'operationId' | 'outcome' | 'now'> & Partial<Use>

/** Records the requests of the product API and saves them in batches, one a second. */
export class UsageRecorder {
  readonly #buffer: UsageBuffer
  readonly #onError: (error: unknown) => void
  #repeating: { stop: () => Promise<void> } | null = null

  constructor({ onError, ...options }: UsageBufferOptions & { onError: (error: unknown) => void }) {
    this.#buffer = new UsageBuffer(options)
    this.#onError = onError
  }

  /** Neither waits nor throws. */
  record(use: Given): void {
    const { principal, claimedKeyId = null, secretVersion = null, operationId: operation, outcome, now, durationMs = 0, ip = null, userAgent = null } = use
    const { requestId = newId('request'), status = statusOf(outcome) } = use
    this.#buffer.record({ requestId, key: principal, claimedKeyId, secretVersion, operation, outcome, status, now, durationMs, ip, userAgent })
  }

  /** How many counters wait to be saved. */
  get waiting(): number {
    return this.state().counts
  }

  /** What waits to be saved, and how many records were dropped since the start. */
  state(): UsageState {
    return this.#buffer.state()
  }

  start(everyMs: number): void {
    this.#repeating = repeat(everyMs, () => this.flush(), this.#onError)
  }

  /** Saves what was recorded before the call; rejects when it could not be saved (it is kept). */
  flush(): Promise<void> {
    return this.#buffer.flush()
  }

  /** Ends the timer and saves the rest, last uses included. Rejects with the number of requests that could not be saved. */
  async stop(): Promise<void> {
    await this.#repeating?.stop()
    try {
      await this.#buffer.flush({ final: true })
    } catch (error) {
      throw new Error(`the usage of ${this.state().requests} requests could not be saved`, { cause: error })
    }
  }
}

function statusOf(outcome: string): number {
  return outcome in errorCodes ? errorCodes[outcome as keyof typeof errorCodes].status : 200
}
