import { redactKeys } from '@letterlock/keys'
import pino, { type Logger } from 'pino'

export type Log = Logger

/** Writes one JSON line per event. Whatever looks like a key is cut out of the finished line, wherever it stood. */
export function createLog(level: string, write: (line: string) => void): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write: (line: string) => write(redactKeys(line)) })
}
