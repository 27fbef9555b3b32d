import { alerts, auditEvents, type keys, secretVersions, type Tx } from '@letterlock/db'
import { failure } from '../../http/failure.ts'
import type { Changed, Unchanged } from '../change-control-plane.ts'
import { noSuchSecretVersion } from '../not-found.ts'
import { refuse } from '../refuse.ts'
import { gatherEvidence } from './evidence.ts'
import { isLive } from './secret-answer.ts'

/** Whose secret retires, and why. */
export interface RetirementWish {
  /** Locked. */
  readonly key: keys.KeyRow
  readonly version: number
  readonly cause: secretVersions.RetiredCause
  readonly reason: string | null
  /** As the procedure is called that asked for it, or the job. */
  readonly action: string
  readonly now: Date
}

type Retired = Changed<secretVersions.SecretVersionRow> | Unchanged<null>

/**
 * Retires a version of a locked key, notes the evidence, and tells the workspace; null when that was done before. What
 * the clock ended is in force already, so it is no change for whoever decides about requests.
 */
export async function retireSecret(tx: Tx, { key, version, cause, reason, action, now }: RetirementWish): Promise<Retired> {
  const evidence = await gatherEvidence(tx, key, { version, reason, now })
  const row = await secretVersions.retireSecret(tx, key.id, { version, cause, evidence, now })
  if (!row) return { result: null, changes: null }
  const retiredAt = (row.retired_at ?? now).toISOString()
  if (key.workspace_id !== null && key.status !== 'revoked') {
    const { lastUsedAt, lastUsedIp, lastUserAgent, requests } = evidence
    const detail = {
      name: key.name, version, cause, retiredAt, reason, lastUsedAt, lastUsedIp, lastUserAgent,
      requestsOld: requests?.old ?? null, requestsNewer: requests?.newer ?? null,
    }
    await alerts.raiseAlert(tx, key.workspace_id, { kind: 'key.secret_retired', subject: key.id, occasion: `v${version}`, detail, now })
  }
  const isInForce = cause === 'overlap_ended' || cause === 'at_most_reached'
  return {
    result: row,
    changes: [{ kind: isInForce ? 'record' : 'key', id: key.id }],
    audit: {
      chain: key.workspace_id ?? auditEvents.installationChain, action, target: key.id,
      before: { version, isLive: true }, after: { version, isLive: false, retiredAt, cause, evidence: { ...evidence } },
    },
  }
}

/** As `retireSecret`, because somebody says so: an old version, never the newest. One that has ended stays as it is. */
export async function retireByCall(
  tx: Tx, wish: Omit<RetirementWish, 'cause'>,
): Promise<Changed<secretVersions.SecretVersionRow> | Unchanged<secretVersions.SecretVersionRow>> {
  const row = (await secretVersions.findSecretVersion(tx, wish.key.id, wish.version)) ?? refuse(noSuchSecretVersion)
  if (!(await secretVersions.findSecretVersion(tx, wish.key.id, wish.version + 1))) refuse(newest)
  if (!isLive(row, wish.now)) return { result: row, changes: null }
  const done = await retireSecret(tx, { ...wish, cause: 'retired_by_call' })
  return done.changes === null ? { result: row, changes: null } : done
}

const newest = failure('invalid_state', 'This is the newest secret version, the one that stays. Rotate the key first, with overlap 0s to end all others at once, or revoke it.')
