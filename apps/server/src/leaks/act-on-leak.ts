import { alerts, auditEvents, type Db, keys, leaks, policies, secretVersions, type Tx } from '@letterlock/db'
import { type Changed, changeByHolder, type Unchanged } from '../management/change-control-plane.ts'
import { leakRuleOf, stricterOf } from '../management/policies/policy-rules.ts'
import { retireSecret } from '../management/secrets/retire-secret.ts'
import { putIntoQuarantine } from '../management/keys/put-into-quarantine.ts'
import { isLive } from '../management/secrets/secret-answer.ts'
import type { Log } from '../log.ts'

export interface ActDeps {
  readonly db: Db
  readonly clock: () => Date
  readonly log: Log
}

type Done = Changed<leaks.LeakResponse> | Unchanged<null>

/** A key that is not revoked, a secret of it that was found, and when that became known. */
interface Case {
  readonly key: keys.KeyRow
  readonly found: leaks.FoundSecret
  readonly now: Date
}

/**
 * Does what the policies ask for about a secret that was proven and found where it must not be; null when the same place
 * was told of before. The key is locked first, so of many who tell at once one acts.
 */
export async function actOnLeak(deps: ActDeps, found: leaks.FoundSecret): Promise<{ response: leaks.LeakResponse | null; revision: number }> {
  const caller = { actor: 'system', ip: found.reporterIp, requestId: null }
  const { result, revision } = await changeByHolder<leaks.LeakResponse | null>(deps, caller, async (tx, now) => {
    const workspaceId = await keys.findWorkspaceOfKey(tx, found.keyId)
    const key = workspaceId ? await keys.lockKey(tx, workspaceId, found.keyId) : await keys.lockRootKey(tx, found.keyId)
    if (!key || (await leaks.isKnownLeak(tx, workspaceId, found))) return { result: null, changes: null }
    await keys.markExposed(tx, key.id, now)
    const done = await respond(tx, { key, found, now })
    const response = done.changes === null ? 'none' : done.result
    const leak = await leaks.insertLeak(tx, workspaceId, { ...found, response, now })
    if (workspaceId && response !== 'none') {
      const detail = { name: key.name, version: found.secretVersion, source: found.source, kind: found.kind, url: found.url, response, leakId: leak.id }
      await alerts.raiseAlert(tx, workspaceId, { kind: 'key.leaked', subject: key.id, occasion: `v${found.secretVersion}`, detail, now })
    }
    return done.changes === null ? { ...done, changes: null, result: 'none' as const } : done
  })
  if (result !== null) deps.log.warn({ keyId: found.keyId, source: found.source, response: result }, 'a key was found where it must not be')
  return { response: result, revision }
}

/** The mildest that ends what the secret opens; nothing when that is nothing already. */
async function respond(tx: Tx, { key, found, now }: Case): Promise<Done> {
  const version = await secretVersions.findSecretVersion(tx, key.id, found.secretVersion)
  const isOver = key.status === 'revoked' || (key.expires_at !== null && key.expires_at <= now) || !version || !isLive(version, now)
  if (isOver) return { result: null, changes: null }
  if (key.workspace_id === null) return revokeRoot(tx, { key, found, now })
  if (await secretVersions.findSecretVersion(tx, key.id, found.secretVersion + 1)) {
    const wish = { key, version: found.secretVersion, cause: 'retired_by_call', reason: 'leaked', action: 'keys.retireSecret', now } as const
    const done = await retireSecret(tx, wish)
    return done.changes === null ? done : { ...done, result: 'retired' }
  }
  const { installation, workspace } = await policies.findPolicies(tx, key.workspace_id)
  const rule = key.mode === 'root' ? 'revoke' : leakRuleOf(stricterOf(installation, workspace), key.mode)
  if (rule === 'revoke') return revoke(tx, { key, found, now }, key.workspace_id)
  if (rule === 'quarantine') return quarantine(tx, { key, found, now }, key.workspace_id)
  return notify({ key, found, now }, key.workspace_id, 'notified')
}

/** Nothing changes but what people know. */
function notify({ key, found }: Case, chain: auditEvents.Chain, response: 'notified' | 'quarantined'): Done {
  const audit = { chain, action: 'leaks.notify', target: key.id, before: null, after: factsOf(found) } as const
  return { result: response, changes: [{ kind: 'record', id: key.id }], audit }
}

async function quarantine(tx: Tx, { key, found, now }: Case, workspaceId: NonNullable<keys.KeyRow['workspace_id']>): Promise<Done> {
  const row = await keys.lockKey(tx, workspaceId, key.id)
  if (!row) throw new Error(`${key.id} is locked, and gone`)
  const done = await putIntoQuarantine(tx, row, { reason: 'leaked', now })
  if (done.changes === null) return notify({ key, found, now }, workspaceId, 'quarantined') // it stays in it
  const after = { ...done.after, leak: factsOf(found) }
  return { result: 'quarantined', changes: done.changes, audit: { chain: workspaceId, action: 'keys.quarantine', target: key.id, before: { quarantine: null }, after } }
}

async function revoke(tx: Tx, { key, found, now }: Case, workspaceId: NonNullable<keys.KeyRow['workspace_id']>): Promise<Done> {
  await keys.revokeKey(tx, workspaceId, { id: key.id, reason: 'leaked', now })
  const after = { status: 'revoked', revokedReason: 'leaked', leak: factsOf(found) }
  return {
    result: 'revoked',
    changes: [{ kind: 'key', id: key.id }],
    audit: { chain: workspaceId, action: 'keys.revoke', target: key.id, before: { status: key.status }, after },
  }
}

/** Unless nobody could make another afterwards: then people must, at once. */
async function revokeRoot(tx: Tx, { key, found, now }: Case): Promise<Done> {
  const [writer, ...others] = await keys.lockRootKeyWriters(tx, now)
  const chain: auditEvents.Chain = auditEvents.installationChain
  if (writer?.id === key.id && others.length === 0) return notify({ key, found, now }, chain, 'notified')
  await keys.revokeRootKey(tx, { id: key.id, reason: 'leaked', now })
  const after = { status: 'revoked', revokedReason: 'leaked', leak: factsOf(found) }
  return {
    result: 'revoked',
    changes: [{ kind: 'key', id: key.id }],
    audit: { chain, action: 'rootKeys.revoke', target: key.id, before: { status: key.status }, after },
  }
}

function factsOf({ secretVersion, source, kind, url }: leaks.FoundSecret) {
  return { secretVersion, source, kind, url }
}
