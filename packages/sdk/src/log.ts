/** What a client says while it works. Never bodies, never what is filled into a path, never a key. */
import { redactLetterlockKeys } from '@letterlock/keys/read'

/** From silent to everything. */
export type LogLevel = 'off' | 'error' | 'warn' | 'info' | 'debug'

/** Where lines go; `console` is one. */
export interface Logger {
  error(message: string): void
  warn(message: string): void
  info(message: string): void
  debug(message: string): void
}

/** Writes one line, when the level asks for it. */
export type Log = (level: Exclude<LogLevel, 'off'>, message: () => string) => void

const levels = ['off', 'error', 'warn', 'info', 'debug'] as const

/** The level is asked for at each line; a name that is none counts as `warn`. A logger that throws breaks no call. */
export function createLog(logger: Logger, level: () => string | undefined): Log {
  return (of, message) => {
    const chosen = levels.indexOf((level() ?? 'warn') as LogLevel)
    if (levels.indexOf(of) > (chosen < 0 ? levels.indexOf('warn') : chosen)) return
    try {
      logger[of](`letterlock: ${redactLetterlockKeys(message())}`)
    } catch {
      // Nobody could be told.
    }
  }
}

/** Headers for people, without the values of those that hold secrets. */
export function shownHeaders(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers).map(([name, value]) => `${name}: ${secretHeader.test(name) ? '***' : value}`).join(', ')
}

const secretHeader = /authorization|cookie|token|secret|password|signature|api-?key/i
