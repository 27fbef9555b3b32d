import { type EnvironmentId, type KeyId, newId, type WorkspaceId } from '@letterlock/contract'
import { type KeyFacts, type KeyPolicy, type KeyRecord, keyRecord } from '../src/index.ts'

export const now = new Date('2026-11-22T09:30:00.000Z')

/** A record of an active live key; `change` says what the test is about. */
export function sampleRecord(change: Partial<KeyFacts & KeyPolicy> = {}): KeyRecord {
  const { ipAllow = [], rateLimits = [], workspaceRateLimits = [], planRateLimits = [], ...facts } = change
  const record: KeyFacts = {
    keyId: newId('key') as KeyId,
    name: 'CI',
    mode: 'live',
    workspaceId: newId('workspace') as WorkspaceId,
    environmentId: newId('environment') as EnvironmentId,
    scopes: ['contacts:read'],
    status: 'active',
    workspaceStatus: 'active',
    createdAt: now,
    expiresAt: null,
    dependsOn: [],
    ...facts,
  }
  return keyRecord(record, { ipAllow, rateLimits, workspaceRateLimits, planRateLimits })
}

export function after(ms: number): Date {
  return new Date(now.getTime() + ms)
}
