import { errorCodeNames, errorCodes } from '@letterlock/contract'
import { z } from 'zod'

/** `ok` or an error code. */
export const outcomeName = z.enum(['ok', ...errorCodeNames])

/** The HTTP status of an outcome; `2xx` for what was served, of which sums keep no more. Null for an outcome of old that is no more. */
export function statusOf(outcome: string): string | null {
  if (outcome === 'ok') return '2xx'
  return isCode(outcome) ? String(errorCodes[outcome].status) : null
}

/** What kind of end a request had. */
export type OutcomeClass = 'served' | 'rejected' | 'refused' | 'limited' | 'failed'

/** By its status: 401 and 403 refused the key, 429 limited it, other 4xx rejected what it asked, 5xx failed it. */
export function classOf(outcome: string): OutcomeClass {
  const status = Number(statusOf(outcome)?.replace('xx', '00') ?? 500)
  if (status < 400) return 'served'
  if (status === 401 || status === 403) return 'refused'
  if (status === 429) return 'limited'
  return status < 500 ? 'rejected' : 'failed'
}

function isCode(outcome: string): outcome is keyof typeof errorCodes {
  return Object.hasOwn(errorCodes, outcome)
}
