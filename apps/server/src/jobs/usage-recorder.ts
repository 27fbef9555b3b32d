import type { OperationId } from '@letterlock/contract'
import { UsageBuffer, type UsageBufferOptions, type UsageState } from '@letterlock/verifier'
import type { Principal } from '../http/principal.ts'
import { repeat } from '../repeat.ts'
import { within } from '../within.ts'


/** What an API key is asked for: an operation of the product API, a verification for someone else, or an access token. */
export type UsedOperation = OperationId | 'verifier.verify' | 'keys.verify' | 'oauth.introspect' | 'oauth.token'

/** A request that proved no key, after its answer. */
export interface Attempt {
  readonly requestId: string
  /** The id in the key that was presented. */
  readonly claimedKeyId: string | null
  /** What was asked for: a procedure or a path. */
  readonly operationId: string
  readonly outcome: string
  readonly status: number
  readonly now: Date
  readonly ip: string | null
  readonly userAgent: string | null
}

/** One request for something that API keys serve, after its answer. */
export interface Use {
  readonly requestId: string
  /** Null when no key was proven. */
  readonly principal: Pick<Principal, 'keyId' | 'environmentId'> | null
  /** The id in the key that was presented, when none was proven. */
  readonly claimedKeyId: string | null
  readonly secretVersion: number | null
  readonly operationId: UsedOperation
  readonly outcome: string
  readonly status: number
  readonly now: Date
  readonly durationMs: number
  readonly ip: string | null
  readonly userAgent: string | null
}

export interface UsageRecorderOptions extends UsageBufferOptions {
  readonly onError: (error: unknown) => void
  /** How long a stop waits for the database; 5 000 unless given. */
  readonly stopMs?: number
  readonly saved?: Saved
}

/** Who is told, every ten seconds or so, that all that was recorded before a time is saved, the last uses included. */
interface Saved {
  readonly clock: () => Date
  /** `final` once nothing more will be recorded. */
  readonly note: (through: Date | 'final') => Promise<void>
}

/** Records requests and saves them in batches, one a second. */
export class UsageRecorder {
  readonly #buffer: UsageBuffer
  readonly #onError: (error: unknown) => void
  readonly #stopMs: number
  readonly #saved: Saved | undefined
  #savedThroughMs = -Infinity
  #repeating: { stop: () => Promise<void> } | null = null

  constructor({ onError, stopMs = 5_000, saved, ...options }: UsageRecorderOptions) {
    this.#buffer = new UsageBuffer(options)
    this.#onError = onError
    this.#stopMs = stopMs
    this.#saved = saved
  }

  /** Neither waits nor throws. */
  record({ principal: key, operationId: operation, ...use }: Use): void {
    this.#buffer.record({ ...use, key, operation })
  }

  /** Neither waits nor throws. */
  recordAttempt({ operationId: operation, ...attempt }: Attempt): void {
    this.#buffer.record({ ...attempt, key: null, operation, durationMs: 0 })
  }

  /** What waits to be saved, and how many records were dropped since the start. */
  state(): UsageState {
    return this.#buffer.state()
  }

  start(everyMs: number): void {
    this.#repeating = repeat(everyMs, () => this.flush(), this.#onError)
  }

  /** Saves what was recorded before the call; rejects when it could not be saved (it is kept). */
  async flush(): Promise<void> {
    const begun = this.#saved?.clock()
    const isComplete = await this.#buffer.flush()
    if (isComplete && begun) await this.#noteSaved(begun)
  }

  /** Ends the timer and saves the rest, last uses included. Rejects with the number of requests that could not be saved. */
  async stop(): Promise<void> {
    const repeated = this.#repeating?.stop()
    try {
      await within(this.#stopMs, Promise.resolve(repeated).then(() => this.#buffer.flush({ final: true })).then(() => this.#saved?.note('final')))
    } catch (error) {
      throw new Error(`the usage of ${this.state().requests} requests could not be saved`, { cause: error })
    }
  }

  /** An idle buffer is complete at every flush. */
  async #noteSaved(through: Date): Promise<void> {
    if (through.getTime() - this.#savedThroughMs < noteEveryMs) return
    await this.#saved?.note(through)
    this.#savedThroughMs = through.getTime()
  }
}

const noteEveryMs = 10_000
