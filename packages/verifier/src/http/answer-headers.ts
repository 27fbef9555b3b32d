import type { KeyRecord } from '../policy/key-record.ts'
import type { Outcome } from '../policy/outcome.ts'
import type { LimitState } from '../limits/take-tokens.ts'

/** Header fields of an answer by their names in lower case. */
export type AnswerHeaders = Record<string, string>

/**
 * What every answer to a proven key says in its header: the key's id, its expiry when 30 days or less are left,
 * whether a newer secret exists, the limits and how much of them is left (draft-ietf-httpapi-ratelimit-headers-11,
 * times in whole seconds), and `Letterlock-Limits: local-share` while the shared store of limits is out.
 * Empty for everyone whose key was not proven. The object is the caller's own.
 */
export function answerHeaders(outcome: Outcome, now: Date): AnswerHeaders {
  if (!('record' in outcome)) return {}
  const constant = constantsOf(outcome.record)
  const headers: AnswerHeaders = { 'letterlock-key-id': outcome.record.keyId }
  if (constant.expiresAtMs - now.getTime() <= expiresSoonMs) headers['letterlock-key-expires-at'] = constant.expiresAt
  if (outcome.superseded) headers['letterlock-key-superseded'] = 'true'
  if (outcome.limits.length > 0) {
    headers['ratelimit-policy'] = constant.policy
    headers['ratelimit'] = leftOf(outcome.limits)
    if (outcome.limitStore === 'local-share') headers['letterlock-limits'] = 'local-share'
  }
  return headers
}

/** What never changes about a record, worked out once: answers are many, records few. */
interface Constants {
  readonly policy: string
  readonly expiresAt: string
  /** Infinity: never. */
  readonly expiresAtMs: number
}

const constants = new WeakMap<KeyRecord, Constants>()

function constantsOf(record: KeyRecord): Constants {
  const known = constants.get(record)
  if (known) return known
  const { expiresAt, rateLimits } = record
  const policy = rateLimits.map(({ name, count, periodMs }) => `"${name}";q=${count};w=${Math.max(1, seconds(periodMs))}`)
  const made = {
    policy: policy.join(', '),
    expiresAt: expiresAt?.toISOString() ?? '',
    expiresAtMs: expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
  }
  constants.set(record, made)
  return made
}

function leftOf(limits: readonly LimitState[]): string {
  let text = ''
  for (const { name, remaining, resetMs } of limits) text += `${text && ', '}"${name}";r=${remaining};t=${seconds(resetMs)}`
  return text
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1_000)
}

const expiresSoonMs = 30 * 86_400_000
