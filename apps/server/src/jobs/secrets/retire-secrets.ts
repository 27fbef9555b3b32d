import { type Db, keys, nodes, secretVersions, type Tx } from '@letterlock/db'
import { changeBySystem } from '../../management/change-control-plane.ts'
import { retireSecret } from '../../management/secrets/retire-secret.ts'

interface RetireDeps {
  readonly db: Db
  readonly clock: () => Date
}

/** Each in a transaction of its own; what is left comes with the next run. */
const versionsPerRun = 500
/**
 * A use is saved with the time its request began, and that of a root key once a minute: what is younger than this is not
 * known for sure. It is also what the clocks of nodes may differ by.
 */
const unsettledMs = 120_000

/**
 * Notes what the clock has ended, once; recalls proofs that remote verifiers may hold of versions that wait for silence;
 * and retires those that nobody has used for as long as they ask.
 */
export async function retireSecrets(deps: RetireDeps): Promise<void> {
  const now = deps.clock()
  for (const due of await secretVersions.listEnded(deps.db, { now, limit: versionsPerRun })) await retireEnded(deps, due)
  for (const due of await secretVersions.listToRecall(deps.db, { now, limit: versionsPerRun })) await recall(deps, due)
  const settled = await nodes.findUsageSettled(deps.db, now) // before the uses are looked at, so that it holds for them
  if (!settled) return
  const silence = { ...settled, through: new Date(settled.through.getTime() - unsettledMs) }
  for (const due of await secretVersions.listSilent(deps.db, { ...silence, limit: versionsPerRun })) await retireSilent(deps, due, silence)
}

async function retireEnded(deps: RetireDeps, { keyId, version }: secretVersions.DueSecret): Promise<void> {
  await changeBySystem(deps, async (tx, now) => {
    const key = await lockAnyKey(tx, keyId)
    const row = await secretVersions.findSecretVersion(tx, keyId, version)
    if (!key || !row?.retires_at || row.retires_at > now || row.retired_at) return unchanged
    return retireSecret(tx, { key, version, cause: row.planned_cause ?? 'overlap_ended', reason: null, action: 'secrets.retire', now })
  })
}

async function retireSilent(deps: RetireDeps, { keyId, version }: secretVersions.DueSecret, silence: secretVersions.Silence): Promise<void> {
  await changeBySystem(deps, async (tx, now) => {
    const key = await lockAnyKey(tx, keyId)
    if (!key || !(await secretVersions.lockSilent(tx, { keyId, version, ...silence }))) return unchanged
    return retireSecret(tx, { key, version, cause: 'silent', reason: null, action: 'secrets.retire', now })
  })
}

/** The change makes every verifier drop what it holds of the key; it decides nothing, so there is nothing to audit. */
async function recall(deps: RetireDeps, due: secretVersions.DueSecret): Promise<void> {
  await changeBySystem(deps, async (tx, now) => {
    if (!(await lockAnyKey(tx, due.keyId)) || !(await secretVersions.noteRecall(tx, due, now))) return unchanged
    return { result: null, changes: [{ kind: 'key', id: due.keyId }], audit: [] }
  })
}

const unchanged = { result: null, changes: null } as const

async function lockAnyKey(tx: Tx, id: secretVersions.DueSecret['keyId']): Promise<keys.KeyRow | null> {
  const workspaceId = await keys.findWorkspaceOfKey(tx, id)
  return workspaceId === null ? keys.lockRootKey(tx, id) : keys.lockKey(tx, workspaceId, id)
}
