import { newId, type WorkspaceId } from '@letterlock/contract'
import { usage } from '@letterlock/db'
import { sweep } from '../../src/jobs/sweeps.ts'
import { createTestManagement } from './test-management.ts'

export const start = new Date('2026-11-22T09:30:00.000Z')
export const hour = 3_600_000
export const day = 24 * hour
export const after = (ms: number) => new Date(start.getTime() + ms)

/** A key of the test, and whose it is. */
export interface RotatedKey {
  readonly keyId: string
  readonly environmentId: string
}

/** Requests of a key at a time. */
interface Used {
  readonly at: Date
  readonly ip?: string
  readonly userAgent?: string
  readonly requests?: number
  readonly outcome?: string
}

/** The management app with a workspace, and what tests of rotation do with its keys. */
export async function createRotationRig() {
  const management = await createTestManagement()
  const workspaceId = (await management.mutate('workspaces.create', { name: 'Acme' })).data.workspace.id as WorkspaceId
  return { management, workspaceId, createKey, rotate, retire, secretsOf, codeOf, runSweeps, auditOf, alertsOf, use }

  async function createKey(input: object = {}) {
    const { data } = await management.mutate('keys.create', { workspaceId, mode: 'live', name: 'CI', scopes: ['lists:read'], ...input })
    return { keyId: data.key.id as string, environmentId: data.key.environmentId as string, key: data.key, secret: data.secret as string }
  }

  function rotate(keyId: string, overlap?: unknown) {
    return management.mutate('keys.rotate', { keyId, ...(overlap !== undefined && { overlap }) })
  }

  function retire(keyId: string, version: number, more: object = {}) {
    return management.mutate('keys.retireSecret', { keyId, version, ...more })
  }

  async function secretsOf(keyId: string) {
    return (await management.query('keys.get', { keyId })).data.secretVersions
  }

  async function codeOf(secret: string) {
    return (await management.verify(secret)).code
  }

  function runSweeps() {
    return sweep(management, (error) => { throw error })
  }

  function auditOf(action: string, target: string) {
    return management.db.selectFrom('audit_events').selectAll().where('action', '=', action).where('target', '=', target).execute()
  }

  async function alertsOf(subject: string) {
    return (await management.query('alerts.list', { workspaceId, subject })).data.data
  }

  /** Saves requests as a node does. */
  async function use(of: RotatedKey, version: number, { at, ip = '192.0.2.7', userAgent = 'letterlock-js/1.2.3', requests = 1, outcome = 'ok' }: Used) {
    const keyId = of.keyId as never
    const count = { environmentId: of.environmentId as never, keyId, operation: 'lists.list', outcome, minute: new Date(Math.floor(at.getTime() / 60_000) * 60_000), requests, dropped: 0 }
    const many = <T>(value: T) => Array.from({ length: requests }, () => value)
    await management.db.transaction().execute((tx) => usage.saveUsageBatch(tx, {
      batchId: newId('request'), now: at, counts: [count], attempts: [],
      records: [{
        times: many(at.getTime()), requestIds: many('').map(() => newId('request')), counts: many(count), secretVersions: many(version),
        statuses: many(200), durationsUs: many(1_000), ips: many(ip), userAgents: many(userAgent),
      }],
      lastUses: outcome === 'ok' ? [{ keyId, at, ip, secretVersion: version }] : [],
    }))
  }
}

export type RotationRig = Awaited<ReturnType<typeof createRotationRig>>
