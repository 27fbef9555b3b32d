import { parseDuration } from '@letterlock/contract'
import type { keyLooks, policies } from '@letterlock/db'
import type { Due, Moment } from './due.ts'
import { warningsBefore } from './warnings-before.ts'

/**
 * Warns of a key that nobody uses, and ends it: once the whole of its silence is known, and never sooner after the last
 * warning than that says. So it is with a rule that is new, and with a sweep that was late.
 */
export function unusedDue(key: keyLooks.DueKey, rules: policies.PolicyRules, { now, usesKnownThrough, unusedWarnedAt }: Moment): Due {
  const silence = silenceOf(key, rules, now)
  if (!silence) return {}
  const { unusedSince, silentAt, rule, occasion, reached, isLast, nextLookAt } = silence
  const noticed = isLast && reached ? (unusedWarnedAt ?? now).getTime() + reached.ms : 0
  const endsAt = new Date(Math.max(silentAt.getTime(), noticed))
  const facts = { name: key.name, unusedSince: unusedSince.toISOString(), lastUsedAt: key.last_used_at?.toISOString() ?? null, action: rule.do }
  if (now < endsAt) {
    const detail = { ...facts, endsAt: endsAt.toISOString(), warnBefore: reached?.text ?? null }
    return { notice: reached && { kind: 'key.unused', occasion: `${occasion} ${reached.text}`, detail }, nextLookAt: isLast ? endsAt : nextLookAt }
  }
  if (!usesKnownThrough || usesKnownThrough < silentAt) return { nextLookAt: new Date(now.getTime() + askAgainMs) }
  return {
    notice: { kind: 'key.unused', occasion, detail: { ...facts, endsAt: now.toISOString(), warnBefore: null } },
    ending: { do: rule.do, reason: `unused for ${rule.for}, as the policy whenUnused says` },
  }
}

/** The occasion of the last warning before a key ends that nobody uses; null when that is not due. */
export function lastUnusedWarning(key: keyLooks.DueKey, rules: policies.PolicyRules, now: Date): string | null {
  const silence = silenceOf(key, rules, now)
  return silence?.reached && silence.isLast ? `${silence.occasion} ${silence.reached.text}` : null
}

function silenceOf(key: keyLooks.DueKey, rules: policies.PolicyRules, now: Date) {
  const { whenUnused: rule } = rules
  if (!rule) return null
  const since = Math.max(...[key.created_at, key.enabled_at, key.last_used_at].map((at) => at?.getTime() ?? 0))
  const ms = parseDuration(rule.for) ?? Infinity // it was parsed when it was set
  const [unusedSince, silentAt] = [new Date(since), new Date(since + ms)]
  const occasion = `${unusedSince.toISOString()} ${rule.for} ${rule.do}`
  return { rule, unusedSince, silentAt, occasion, ...warningsBefore(silentAt, rules, { now, within: ms }) }
}

const askAgainMs = 60_000
