/** What the calls of a client share, and clients made from it by `withOptions()`: its key, retries, pace and log. */
import type { ExpectedMode } from './api-key.ts'
import { type KeyRing, keyRing } from './credentials/key-ring.ts'
import { type KeyOptions, keySources } from './credentials/key-source.ts'
import { createLog, type Log, type Logger, type LogLevel } from './log.ts'
import { noPacer, type Pacer, pacer } from './pacer.ts'
import { type RetryBudget, retryBudget } from './retry-budget.ts'

export interface Session {
  readonly keys: KeyRing
  readonly budget: RetryBudget
  readonly pacer: Pacer
  readonly log: Log
}

export interface SessionOptions extends KeyOptions {
  readonly mode?: ExpectedMode | undefined
  readonly pace?: boolean | undefined
  readonly logger?: Logger | undefined
  readonly logLevel?: LogLevel | undefined
}

/** What a session needs of the world. */
export interface SessionEffects {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly environmentVariable: (name: string) => string | undefined
}

export function createSession(options: SessionOptions, effects: SessionEffects): Session {
  return {
    keys: keyRing(keySources(options, effects), options.mode),
    budget: retryBudget(),
    pacer: options.pace ? pacer() : noPacer,
    log: createLog(options.logger ?? console, () => options.logLevel ?? effects.environmentVariable('LETTERLOCK_LOG')),
  }
}
