import type { keyLooks, policies } from '@letterlock/db'
import { rotationDueAt } from '../../management/policies/policy-rules.ts'
import type { Due, Moment } from './due.ts'
import { warningsBefore } from './warnings-before.ts'

/** `key.rotation_due` before the newest secret of a key is as old as it may become, and then; not when the key ends before. */
export function rotationDue(key: keyLooks.DueKey, rules: policies.PolicyRules, { now, newestSecret }: Moment): Due {
  const date = newestSecret && rotationDueAt(rules, newestSecret.createdAt)
  if (!date || (key.expires_at && key.expires_at <= date)) return {}
  const dueAt = date.toISOString()
  const facts = { name: key.name, version: newestSecret.version, secretSince: newestSecret.createdAt.toISOString(), dueAt }
  if (date <= now) return { notice: { kind: 'key.rotation_due', occasion: dueAt, detail: { ...facts, warnBefore: null } } }
  const { reached, nextLookAt } = warningsBefore(date, rules, { now, within: date.getTime() - newestSecret.createdAt.getTime() })
  if (!reached) return { nextLookAt }
  return { notice: { kind: 'key.rotation_due', occasion: `${dueAt} ${reached.text}`, detail: { ...facts, warnBefore: reached.text } }, nextLookAt }
}
