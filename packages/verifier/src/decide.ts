import { isInRanges } from './ip-allow.ts'
import type { Decision, Proven } from './outcome.ts'

/** A proven key and secret, as stored. */
export interface ProvenKey extends Proven {
  /** When the used secret version retires; null: not planned. */
  readonly secretRetiresAt: Date | null
}

/** What is asked of a key. */
export interface Ask {
  /** The scope that is needed; null: every key may. */
  readonly scope: string | null
  /** The address of the caller; null when unknown, which no allow-list admits. */
  readonly ip: string | null
}

/**
 * Decides by the key's policy alone, cheapest first: status, expiry (of the key, then of the secret version),
 * address, scope. Total and without effects; rate limits come after it. A moment of expiry is already over.
 */
export function decide(key: ProvenKey, ask: Ask, now: Date): Decision {
  const { record } = key
  const proven: Proven = { record, secretVersion: key.secretVersion, superseded: key.superseded }
  if (record.status === 'revoked') return { ...proven, code: 'revoked_key' }
  if (record.status === 'disabled') return { ...proven, code: 'disabled_key' }
  if (record.workspaceStatus === 'suspended') return { ...proven, code: 'workspace_suspended' }
  if (isOver(record.expiresAt, now)) return { ...proven, code: 'expired_key' }
  if (isOver(key.secretRetiresAt, now)) return { ...proven, code: 'retired_secret' }
  if (record.ipAllow.length > 0 && !isInRanges(ask.ip, record.ipAllow)) return { ...proven, code: 'ip_not_allowed' }
  if (ask.scope !== null && !record.scopes.includes(ask.scope)) {
    return { ...proven, code: 'insufficient_scope', requiredScope: ask.scope, keyScopes: record.scopes }
  }
  return { ...proven, code: 'ok' }
}

function isOver(end: Date | null, now: Date): boolean {
  return end !== null && now.getTime() >= end.getTime()
}
