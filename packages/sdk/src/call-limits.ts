/** How long a call may take, and how often it may be tried. */
import type { CallOptions } from './call-options.ts'
import { invalidArgument } from './wire-request.ts'

export interface CallLimits {
  readonly timeoutMs: number
  readonly deadlineMs: number
  readonly maxRetries: number
  readonly maxRetryAfterMs: number
  readonly signal: AbortSignal | undefined
}

const longestTimerMs = 2 ** 31 - 1

/** The options of the call, and for what it leaves open those of the client. @throws LetterlockError `invalid_argument` */
export function callLimits(options: CallOptions, client: Omit<CallLimits, 'signal'>): CallLimits {
  const timeoutMs = options.timeoutMs ?? client.timeoutMs
  const deadlineMs = options.deadlineMs ?? client.deadlineMs
  const maxRetries = options.maxRetries ?? client.maxRetries
  if (!(timeoutMs > 0)) throw invalidArgument('timeoutMs must be a number above 0')
  if (!(deadlineMs > 0)) throw invalidArgument('deadlineMs must be a number above 0')
  if (!(Number.isInteger(maxRetries) && maxRetries >= 0 && maxRetries <= 10)) {
    throw invalidArgument('maxRetries must be a whole number of 0 to 10')
  }
  return {
    timeoutMs: Math.min(timeoutMs, longestTimerMs),
    deadlineMs, maxRetries,
    maxRetryAfterMs: client.maxRetryAfterMs,
    signal: options.signal,
  }
}
