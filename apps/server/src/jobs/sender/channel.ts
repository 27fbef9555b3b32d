import type { HandOver, HandOverResult } from '@letterlock/mail'
import { backoffMs } from './backoff.ts'
import { createBucket } from './bucket.ts'
import type { SenderLimits } from './limits.ts'

/** One transport as the lanes see it: its speed, and whether it can be reached at all. */
export interface Channel {
  readonly mode: 'live' | 'test'
  readonly handOver: HandOver
  readonly isOpen: (now: Date) => boolean
  /** When it is worth trying again; now, while it is open. */
  readonly reopensAt: (now: Date) => Date
  readonly take: (wanted: number, lane: 'campaign' | 'email', now: Date) => number
  /** Learns from a result: throttled ones slow it, an unreachable server closes it for a while. */
  readonly learn: (result: HandOverResult, now: Date) => void
}

export function createChannel(options: {
  mode: 'live' | 'test'
  handOver: HandOver
  limits: SenderLimits
  random: () => number
}): Channel {
  const { limits, random } = options
  const bucket = createBucket()
  let failures = 0
  let closedUntil = 0

  const isOpen = (now: Date) => now.getTime() >= closedUntil
  return {
    mode: options.mode,
    handOver: options.handOver,
    isOpen,
    reopensAt: (now) => new Date(Math.max(now.getTime(), closedUntil)),
    take: bucket.take,
    learn(result, now) {
      if (result.kind === 'unreachable') {
        if (!isOpen(now)) return // all connections fail together; that is one failure
        failures += 1
        const { unreachableBaseMs: baseMs, unreachableCapMs: capMs } = limits
        closedUntil = now.getTime() + baseMs + backoffMs(failures, { baseMs, capMs, random })
        return
      }
      failures = 0
      if (result.kind === 'accepted') bucket.onAccepted(now)
      if (result.kind === 'temporary' && result.throttled) bucket.onThrottled(now)
    },
  }
}
