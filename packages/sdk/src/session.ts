/** What the calls of a client share, and clients made from it by `withOptions()`: its key, retries, pace and log. */
import type { ExpectedMode } from './api-key.ts'
import { type AuthBreaker, authBreaker, type AuthPause, noBreaker } from './credentials/auth-breaker.ts'
import { type KeyRing, keyRing, type KeySwitched } from './credentials/key-ring.ts'
import { type KeyOptions, keySources } from './credentials/key-source.ts'
import { type KeyExpiring, type KeyWatch, keyWatch } from './credentials/key-watch.ts'
import { createLog, type Log, type Logger, type LogLevel } from './log.ts'
import { noPacer, type Pacer, pacer } from './pacer.ts'
import { type RetryBudget, retryBudget } from './retry-budget.ts'

export interface Session {
  readonly keys: KeyRing
  readonly watch: KeyWatch
  readonly breaker: AuthBreaker
  readonly budget: RetryBudget
  readonly pacer: Pacer
  readonly log: Log
}

export interface SessionOptions extends KeyOptions {
  readonly mode?: ExpectedMode | undefined
  readonly onKeySwitched?: ((event: KeySwitched) => void) | undefined
  readonly onKeyExpiring?: ((event: KeyExpiring) => void) | undefined
  readonly authPause?: AuthPause | false | undefined
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
  const { authPause = { after: 5, ms: 60_000 } } = options
  let level: string | undefined
  const log = createLog(options.logger ?? console, () => (level ??= options.logLevel ?? effects.environmentVariable('LETTERLOCK_LOG') ?? 'warn'))
  return {
    keys: keyRing(keySources(options, effects), {
      mode: options.mode,
      onSwitched: announce(options.onKeySwitched, ({ from, to, code }) => `${code}: goes on from ${from} to ${to}`, log),
    }),
    watch: keyWatch(announce(options.onKeyExpiring, expiringLine, log)),
    breaker: authPause ? authBreaker(authPause) : noBreaker,
    budget: retryBudget(),
    pacer: options.pace ? pacer() : noPacer,
    log,
  }
}

/** Tells the program, or the log when it does not listen. A listener that throws breaks no call. */
function announce<E>(listener: ((event: E) => void) | undefined, line: (event: E) => string, log: Log): (event: E) => void {
  return (event) => {
    log(listener ? 'info' : 'warn', () => line(event))
    try {
      listener?.(event)
    } catch (error) {
      log('error', () => `a listener failed: ${String(error)}`)
    }
  }
}

function expiringLine({ keyId, expiresAt, thresholdDays }: KeyExpiring): string {
  const what = thresholdDays === null ? 'has a newer secret, this one will be retired' : `expires at ${expiresAt?.toISOString()}`
  return `the API key ${keyId} ${what}`
}
