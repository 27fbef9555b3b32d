import type { Ask, ProvenKey } from './ask.ts'
import { explain } from './explain.ts'
import { objectionTo } from './objection.ts'
import type { Decision, Proven, Refusal } from './outcome.ts'

/**
 * Decides by the key's policy alone, cheapest first: status, expiry (of the key, then of the secret version),
 * address, scope. Total and without effects; rate limits come after it. A moment of expiry is already over.
 */
export function decide(key: ProvenKey, ask: Ask, now: Date): Decision {
  const code = objectionTo(key, ask, now.getTime())
  return code === null ? { ...provenOf(key), code: 'ok' } : refuse(key, ask, { code, now })
}

/** The refusal of a key by the policy, its reason being known. */
export function refuse(key: ProvenKey, ask: Ask, { code, now }: { code: Refusal['code']; now: Date }): Proven & Refusal {
  const explanation = explain(key, ask, now).find(({ passed }) => !passed)?.detail ?? ''
  return { ...provenOf(key), ...factsOf(key, ask, code), explanation }
}

function provenOf({ record, secretVersion, superseded, secretRetiresAt }: ProvenKey): Proven {
  return { record, secretVersion, superseded, secretRetiresAt }
}

type Facts = Refusal extends infer Each ? (Each extends Refusal ? Omit<Each, 'explanation'> : never) : never

function factsOf({ record, secretRetiresAt }: ProvenKey, ask: Ask, code: Refusal['code']): Facts {
  switch (code) {
    case 'expired_key':
      return { code, expiredAt: record.expiresAt as Date } // what is null is never over
    case 'retired_secret':
      return { code, retiredAt: secretRetiresAt as Date } // likewise
    case 'ip_not_allowed':
      return { code, ip: ask.ip }
    case 'insufficient_scope':
      return { code, requiredScope: ask.scope as string, keyScopes: record.scopes } // null is never lacking
    default:
      return { code }
  }
}
