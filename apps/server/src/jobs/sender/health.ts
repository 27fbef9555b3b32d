import type { SenderLimits } from './limits.ts'

/** What one finished attempt says of its campaign. */
export type Sign = 'fine' | 'failed' | 'bounced' | 'complained'

/** The last results of one campaign. */
export interface Health {
  readonly signs: Sign[]
  temporaryInARow: number
  lastAcceptedAt: Date
}

export function newHealth(now: Date): Health {
  return { signs: [], temporaryInARow: 0, lastAcceptedAt: now }
}

export function note(health: Health, sign: Sign, limits: SenderLimits): void {
  health.signs.push(sign)
  if (health.signs.length > limits.healthWindow) health.signs.shift()
}

/** Why this campaign must not go on; null: it may. */
export function pauseReasonOf(
  health: Health, limits: SenderLimits, now: Date,
): 'error_rate' | 'bounce_rate' | 'complaint_rate' | 'throttled' | null {
  const silentForMs = now.getTime() - health.lastAcceptedAt.getTime()
  if (health.temporaryInARow >= limits.throttledInARow && silentForMs >= limits.throttledForMs) return 'throttled'
  const { signs } = health
  if (signs.length < limits.healthMinimum) return null
  const share = (sign: Sign) => signs.filter((each) => each === sign).length / signs.length
  if (share('failed') >= limits.maxFailedShare) return 'error_rate'
  if (share('complained') >= limits.maxComplainedShare) return 'complaint_rate'
  if (share('bounced') >= limits.maxBouncedShare) return 'bounce_rate'
  return null
}
