import type { keyLooks, policies } from '@letterlock/db'
import type { Due, Moment } from './due.ts'
import { rotationDue } from './rotation-due.ts'
import { unusedDue } from './unused-due.ts'
import { warningsBefore } from './warnings-before.ts'

/** What time asks of an active key by each of the rules that hold for it. An expired key is asked for nothing but that it is told. */
export function dueOf(key: keyLooks.DueKey, rules: policies.PolicyRules, moment: Moment): Due[] {
  const { expires_at: end } = key
  if (end && end <= moment.now) return [expired(key, end)]
  const ofEnd = end ? [expiring(key, end, { rules, now: moment.now })] : []
  return [...ofEnd, rotationDue(key, rules, moment), unusedDue(key, rules, moment)]
}

/** The earliest look that any of them asks for; null: none does. */
export function nextLookOf(dues: readonly Due[]): Date | null {
  const looks = dues.flatMap(({ nextLookAt }) => nextLookAt?.getTime() ?? [])
  return looks.length === 0 ? null : new Date(Math.min(...looks))
}

function expired({ name }: keyLooks.DueKey, end: Date): Due {
  const expiresAt = end.toISOString()
  return { notice: { kind: 'key.expired', occasion: expiresAt, detail: { name, expiresAt } } }
}

function expiring(key: keyLooks.DueKey, end: Date, { rules, now }: { rules: policies.PolicyRules; now: Date }): Due {
  const life = end.getTime() - (key.end_set_at ?? key.created_at).getTime()
  const { reached, nextLookAt } = warningsBefore(end, rules, { now, within: life })
  if (!reached) return { nextLookAt }
  const [expiresAt, warnBefore] = [end.toISOString(), reached.text]
  return { notice: { kind: 'key.expiring', occasion: `${expiresAt} ${warnBefore}`, detail: { name: key.name, expiresAt, warnBefore } }, nextLookAt }
}
