import { parseDuration } from '@letterlock/contract'
import type { policies } from '@letterlock/db'
import { defaultWarnBefore } from '../../management/policies/policy-rules.ts'

/** Where a moment lies among the warnings before a date. */
export interface Warnings {
  /** The nearest to the date of those that are due; a late sweep gives no other. */
  readonly reached: { readonly text: string; readonly ms: number } | undefined
  /** No further one comes after it. */
  readonly isLast: boolean
  /** When the next one is due, or the date. */
  readonly nextLookAt: Date
}

/** Nobody is warned as far ahead as the date was `within` milliseconds from the beginning: it would be due at once. */
export function warningsBefore(
  date: Date, { warnBefore = defaultWarnBefore }: policies.PolicyRules, { now, within }: { now: Date; within: number },
): Warnings {
  const warnings = warnBefore
    .map((text) => ({ text, ms: parseDuration(text) ?? Infinity })) // they were parsed when they were set
    .filter(({ ms }) => ms < within)
    .sort((one, other) => other.ms - one.ms)
  const left = date.getTime() - now.getTime()
  const following = warnings.find(({ ms }) => ms < left)
  return {
    reached: warnings.findLast(({ ms }) => ms >= left),
    isLast: !following,
    nextLookAt: new Date(date.getTime() - (following?.ms ?? 0)),
  }
}
