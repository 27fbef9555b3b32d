import type { Ask, ProvenKey } from './ask.ts'
import { isInRanges } from './ip-allow.ts'
import type { KeyRecord } from './key-record.ts'
import type { Refusal } from './outcome.ts'

/**
 * The first thing the policy has against it, or null; runs on every request and allocates nothing.
 * Cheapest first: status, expiry (of the key, then of the secret version), address, scope. What a key in quarantine may
 * not do is said to be for that.
 */
export function objectionTo({ record, secretRetiresAt }: ProvenKey, ask: Ask, nowMs: number): Refusal['code'] | null {
  if (record.status !== 'active') {
    if (record.status === 'disabled') return 'disabled_key'
    if (record.status === 'revoked') return 'revoked_key'
  }
  if (record.workspaceStatus !== 'active') return 'workspace_suspended'
  if (isOver(record.expiresAt, nowMs)) return 'expired_key'
  if (isOver(secretRetiresAt, nowMs)) return 'retired_secret'
  if (!isAddressAllowed(record, ask.ip)) return record.status === 'quarantined' ? 'key_quarantined' : 'ip_not_allowed'
  if (isScopeHeld(record, ask.scope)) return null
  return record.status === 'quarantined' ? 'key_quarantined' : 'insufficient_scope'
}

/** A moment of expiry is already over, and so is one that is no moment at all. */
export function isOver(end: Date | null, nowMs: number): boolean {
  return end !== null && !(nowMs < end.getTime())
}

/** True when the list is empty or has the address. */
export function isAddressAllowed({ ipAllow }: KeyRecord, ip: string | null): boolean {
  return ipAllow.length === 0 || isInRanges(ip, ipAllow)
}

/** True when no scope is needed or the key has it. */
export function isScopeHeld({ scopeSet }: KeyRecord, scope: string | null): boolean {
  return scope === null || scopeSet.has(scope)
}
