import type { HandOverResult } from '@letterlock/mail'
import { backoffMs } from './backoff.ts'
import type { SenderLimits } from './limits.ts'

/** What a result means for the row it belongs to. */
export interface Outcome {
  readonly state: 'queued' | 'sent' | 'failed' | 'unknown'
  readonly reason: string | null
  readonly nextAttemptAt: Date | null
  /** Nothing was handed over: the attempt does not count. */
  readonly refund: boolean
  readonly sentAt: Date | null
}

/** Decides what becomes of a message: only 5xx is final, only silence after the hand-over is unknown. */
export function outcomeOf(
  result: HandOverResult,
  at: { attempt: number; now: Date; reopensAt: Date; random: () => number; limits: SenderLimits },
): Outcome {
  const { attempt, now, limits } = at
  switch (result.kind) {
    case 'accepted':
      return { state: 'sent', reason: refusals(result.rejected), nextAttemptAt: null, refund: false, sentAt: now }
    case 'permanent':
      return failed(result.response)
    case 'temporary': {
      if (attempt >= limits.maxAttempts) return failed(`gave up: ${result.response}`)
      const wait = backoffMs(attempt, { baseMs: limits.retryBaseMs, capMs: limits.retryCapMs, random: at.random })
      return again(result.response, { at: new Date(now.getTime() + wait), refund: false })
    }
    case 'unreachable':
      return again(result.reason, { at: at.reopensAt, refund: true })
    case 'unknown':
      return { state: 'unknown', reason: cut(result.reason), nextAttemptAt: null, refund: false, sentAt: null }
  }
}

/** Back into the queue, as if the attempt had never been. */
export function notHandedOver(now: Date): Outcome {
  return { state: 'queued', reason: null, nextAttemptAt: now, refund: true, sentAt: null }
}

function again(reason: string, next: { at: Date; refund: boolean }): Outcome {
  return { state: 'queued', reason: cut(reason), nextAttemptAt: next.at, refund: next.refund, sentAt: null }
}

function failed(reason: string): Outcome {
  return { state: 'failed', reason: cut(reason), nextAttemptAt: null, refund: false, sentAt: null }
}

function refusals(rejected: readonly { address: string; response: string }[]): string | null {
  const [first] = rejected
  return first === undefined ? null : cut(`${rejected.length} refused, first ${first.address}: ${first.response}`)
}

function cut(text: string): string {
  return text.replaceAll('\0', ' ').toWellFormed().slice(0, 500)
}
