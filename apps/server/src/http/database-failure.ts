import { failure, type Failure } from './failure.ts'

/** What to answer when the database, not the request, is at fault; null for any other error. */
export function databaseFailure(error: unknown): Failure | null {
  return isOutage(error) ? unavailable : null
}

/** True when the same transaction may succeed when it is run again (serialization failure, deadlock). */
export function isRetryable(error: unknown): boolean {
  const code = codeOf(error)
  return code === '40001' || code === '40P01'
}

export function isOutage(error: unknown): boolean {
  const code = codeOf(error)
  if (code && (outageCodes.has(code) || code.startsWith('08') || code.startsWith('53'))) return true
  return error instanceof Error && outageMessage.test(error.message)
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

// 57P01..05: shut down, crashed, starting, dropped, idle; 57014: statement timeout; 25006: no longer the primary
const outageCodes = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT',
  '57P01', '57P02', '57P03', '57P04', '57P05', '57014', '25006', '25P03', '28000', '28P01', '3D000',
])
const outageMessage =
  /timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|Client was closed|Query read timeout/

const unavailable = failure('unavailable', 'The database is out of reach for the moment. Try again.', { retryAfterSeconds: 1 })
