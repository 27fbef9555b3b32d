import pino, { type Logger } from 'pino'

export type Log = Logger

/** Writes one JSON line per event. Whatever looks like a key is cut out of the finished line, wherever it stood. */
export function createLog(level: string, sink: { write: (line: string) => void; redact: (line: string) => string }): Log {
  const stream = { write: (line: string) => sink.write(sink.redact(line)) }
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream)
}
