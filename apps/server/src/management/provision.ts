import { type KeyId, newId, productScopeNames, rootScopeNames, type WorkspaceId } from '@letterlock/contract'
import { auditEvents, type Db, keys, revisions, type Tx, workspaces } from '@letterlock/db'
import type { KeyFormat } from '@letterlock/keys'
import type { Peppers } from '@letterlock/keys/digest'
import { issueSecret } from './issue-secret.ts'
import { toKey, toRootKey } from './keys/key-answer.ts'
import { toWorkspaceAnswer } from './workspaces/workspace-answer.ts'

export interface ProvisionDeps {
  readonly db: Db
  readonly keyFormat: KeyFormat
  readonly peppers: Peppers
  readonly now: Date
}

/** What a first start in development made; the secrets are nowhere else. */
export interface Provisioned {
  readonly workspaceId: WorkspaceId
  readonly rootKey: string
  readonly liveKey: string
  readonly testKey: string
}

/**
 * Fills an empty database for development: workspace Acme, a root key with all scopes, a live and a test key with all
 * scopes. Null when the database has anything in it; of several processes at once, one provisions.
 */
export function provisionDevelopment(deps: ProvisionDeps, keep: (made: Provisioned) => void): Promise<Provisioned | null> {
  return firstStart(deps, keep, async (tx) => {
    const rootKey = await addRootKey(tx, deps)
    const workspace = await addWorkspace(tx, deps)
    const liveKey = await addKey(tx, deps, { workspace, mode: 'live' })
    const testKey = await addKey(tx, deps, { workspace, mode: 'test' })
    return { workspaceId: workspace.id, rootKey, liveKey, testKey }
  })
}

/** Gives an empty database its first root key, with all scopes; null when the database has anything in it. */
export function provisionRootKey(
  deps: ProvisionDeps, keep: (made: { readonly rootKey: string }) => void,
): Promise<{ readonly rootKey: string } | null> {
  return firstStart(deps, keep, async (tx) => ({ rootKey: await addRootKey(tx, deps) }))
}

// the secrets are kept before the commit: when they cannot be, the database stays empty and the next start tries again
function firstStart<T>({ db }: ProvisionDeps, keep: (made: T) => void, fill: (tx: Tx) => Promise<T>): Promise<T | null> {
  return db.transaction().execute(async (tx) => {
    if (!(await workspaces.claimFirstStart(tx))) return null
    const made = await fill(tx)
    keep(made)
    return made
  })
}

async function addRootKey(tx: Tx, deps: ProvisionDeps): Promise<string> {
  const { token, ...key } = newKey(deps, { mode: 'root', name: 'First root key', scopes: rootScopeNames })
  const row = await keys.insertRootKey(tx, { ...key, rateLimits: [] })
  await record(tx, deps, { kind: 'key', id: row.id, chain: auditEvents.installationChain, action: 'rootKeys.create', after: toRootKey(row) })
  return token
}

async function addWorkspace(tx: Tx, deps: ProvisionDeps): Promise<workspaces.WorkspaceRow> {
  const id = newId('workspace')
  const environments = { liveEnvironmentId: newId('environment'), testEnvironmentId: newId('environment') }
  await workspaces.insertWorkspace(tx, { id, name: 'Acme', ...environments, now: deps.now })
  const row = await workspaces.getWorkspace(tx, id)
  await record(tx, deps, { kind: 'workspace', id, chain: id, action: 'workspaces.create', after: toWorkspaceAnswer(row, []) })
  return row
}

async function addKey(
  tx: Tx, deps: ProvisionDeps, { workspace, mode }: { workspace: workspaces.WorkspaceRow; mode: 'live' | 'test' },
): Promise<string> {
  const { token, ...key } = newKey(deps, { mode, name: `First ${mode} key`, scopes: productScopeNames })
  const environmentId = mode === 'live' ? workspace.live_environment_id : workspace.test_environment_id
  const rateLimits = [{ name: 'default', limit: '100000/10s' }]
  const row = await keys.insertKey(tx, workspace.id, { ...key, mode, environmentId, rateLimits })
  await record(tx, deps, { kind: 'key', id: row.id, chain: workspace.id, action: 'keys.create', after: toKey(row) })
  return token
}

function newKey(deps: ProvisionDeps, key: { mode: 'live' | 'test' | 'root'; name: string; scopes: readonly string[] }) {
  const { token, keyId, secret } = issueSecret(deps, key.mode, deps.now)
  const { name, scopes } = key
  return { token, id: keyId, name, scopes, secret, purpose: null, ipAllow: [], expiresAt: null, createdBy: 'system', now: deps.now }
}

async function record(
  tx: Tx,
  { now }: ProvisionDeps,
  done: {
    kind: 'key' | 'workspace'
    id: KeyId | WorkspaceId
    chain: auditEvents.Chain
    action: string
    after: auditEvents.NewAuditEvent['after']
  },
): Promise<void> {
  const { kind, id, chain, action, after } = done
  const revision = await revisions.raiseRevision(tx, [{ kind, id }], now)
  const event = { actor: 'system', action, target: id, before: null, after, ip: null, requestId: null, revision, now }
  await auditEvents.appendAuditEvent(tx, chain, event)
}
