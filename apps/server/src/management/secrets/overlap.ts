import { parseDuration } from '@letterlock/contract'
import type { keys, secretVersions } from '@letterlock/db'
import { z } from 'zod'

const day = 86_400_000

/** A span as text, given back in milliseconds. */
function span(minMs: number, maxMs: number, expected: string) {
  return z
    .string()
    .max(20)
    .transform((text, context) => {
      const ms = parseDuration(text)
      if (ms !== null && ms >= minMs && ms <= maxMs) return ms
      context.addIssue(expected)
      return z.NEVER
    })
}

const untilSilent = z
  .strictObject({
    /** Long enough that the reports of all nodes are in. */
    untilSilentFor: span(5 * 60_000, 90 * day, 'expected a duration from 5m to 90d, such as 7d'),
    atMost: span(5 * 60_000, 365 * day, 'expected a duration from 5m to 365d, such as 30d'),
  })
  .superRefine(({ untilSilentFor, atMost }, context) => {
    if (untilSilentFor > atMost) context.addIssue({ code: 'custom', path: ['atMost'], message: 'expected no less than untilSilentFor' })
  })

/**
 * How long the secret that is replaced lives beside the new one: a duration, `0s` for not at all, or until nobody has
 * used it for a while.
 */
export const overlap = z.union([span(0, 365 * day, 'expected a duration from 0s to 365d, such as 24h'), untilSilent]).prefault('24h')

export type Overlap = z.output<typeof overlap>

/** When what is replaced now ends: never after the key itself. */
export function plannedEnd(chosen: Overlap, { expires_at: end }: Pick<keys.KeyRow, 'expires_at'>, now: Date): secretVersions.PlannedEnd {
  const { atMost, untilSilentFor } = typeof chosen === 'number' ? { atMost: chosen, untilSilentFor: null } : chosen
  const latest = now.getTime() + atMost
  return { retiresAt: new Date(Math.min(latest, end?.getTime() ?? latest)), silentForMs: untilSilentFor }
}
