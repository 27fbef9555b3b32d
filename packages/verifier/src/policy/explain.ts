import type { Ask, ProvenKey } from './ask.ts'
import { parseAddressRange } from './ip-allow.ts'
import type { KeyRecord } from './key-record.ts'
import { isAddressAllowed, isOver, isScopeHeld } from './objection.ts'

/** One question to a policy and its answer. */
export interface Check {
  readonly check: 'status' | 'workspace' | 'expiry' | 'secret' | 'ip' | 'scope'
  readonly passed: boolean
  /** One sentence, without secrets. */
  readonly detail: string
}

/** All checks of `decide()` in their order, the passed ones too; the first that fails is its reason. */
export function explain(key: ProvenKey, ask: Ask, now: Date): Check[] {
  const { record, secretRetiresAt } = key
  const nowMs = now.getTime()
  return [
    { check: 'status', passed: record.status === 'active' || record.status === 'quarantined', detail: statusDetails[record.status] },
    { check: 'workspace', passed: record.workspaceStatus === 'active', detail: workspaceDetail(record) },
    { check: 'expiry', passed: !isOver(record.expiresAt, nowMs), detail: expiryDetail(record.expiresAt, nowMs) },
    { check: 'secret', passed: !isOver(secretRetiresAt, nowMs), detail: secretDetail(key, nowMs) },
    { check: 'ip', passed: isAddressAllowed(record, ask.ip), detail: addressDetail(record, ask.ip) },
    { check: 'scope', passed: isScopeHeld(record, ask.scope), detail: scopeDetail(record, ask.scope) },
  ]
}

const statusDetails = {
  active: 'The key is active.',
  disabled: 'The key is disabled; its owner can enable it.',
  quarantined: 'The key is in quarantine: it may read, from networks that it is known from.',
  revoked: 'The key was revoked.',
}

function workspaceDetail({ workspaceId, workspaceStatus }: KeyRecord): string {
  if (workspaceStatus === 'suspended') return 'The workspace of the key is suspended.'
  return workspaceId === null ? 'The key belongs to no workspace.' : 'The workspace of the key is active.'
}

function expiryDetail(expiresAt: Date | null, nowMs: number): string {
  if (expiresAt === null) return 'The key does not expire.'
  return isOver(expiresAt, nowMs) ? `The key expired at ${momentOf(expiresAt)}.` : `The key expires at ${momentOf(expiresAt)}.`
}

function secretDetail({ secretVersion, secretRetiresAt }: ProvenKey, nowMs: number): string {
  const secret = `Version ${secretVersion} of the secret`
  if (secretRetiresAt === null) return `${secret} is in force.`
  return `${secret} ${isOver(secretRetiresAt, nowMs) ? 'was retired' : 'retires'} at ${momentOf(secretRetiresAt)}.`
}

function addressDetail(record: KeyRecord, ip: string | null): string {
  if (record.ipAllow.length === 0) return 'Every address is allowed.'
  const isAllowed = isAddressAllowed(record, ip)
  // what cannot be read is not repeated: it may be any text
  const who = ip !== null && (isAllowed || parseAddressRange(ip)) ? `The address ${ip}` : 'The address of the caller, which is not known,'
  return `${who} is ${isAllowed ? '' : 'not '}in the allow-list of the key.`
}

function scopeDetail(record: KeyRecord, scope: string | null): string {
  if (scope === null) return 'No scope is needed.'
  return `The key ${isScopeHeld(record, scope) ? 'has' : 'lacks'} the scope ${scope}.`
}

/** An unreadable moment counts as over; saying so must not throw. */
function momentOf(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'an unknown time' : date.toISOString()
}
