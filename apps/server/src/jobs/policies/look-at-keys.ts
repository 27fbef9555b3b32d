import { alerts, type Db, keyLooks, keys, nodes, policies, secretVersions, type Tx } from '@letterlock/db'
import { type Audit, changeBySystem } from '../../management/change-control-plane.ts'
import { stricterOf } from '../../management/policies/policy-rules.ts'
import { dueOf, nextLookOf } from './due-of-key.ts'
import type { Due } from './due.ts'
import { lastUnusedWarning } from './unused-due.ts'

interface LookDeps {
  readonly db: Db
  readonly clock: () => Date
}

/** What is left comes with the next run. */
const batchesPerRun = 40
const keysPerBatch = 500
const toldPerBatch = 2_000
/** What is younger may not be saved yet by a node whose clock is late. */
const unsettledMs = 120_000

/** Looks at the keys that are due by the clock or because something changed: warns of ends and of old secrets, and ends those that nobody uses. */
export async function lookAtKeys(deps: LookDeps): Promise<void> {
  for (let batch = 0; batch < batchesPerRun; batch += 1) {
    if (!(await deps.db.transaction().execute((tx) => keyLooks.tellKeysOfChangedPolicy(tx, toldPerBatch)))) break
  }
  const settled = await nodes.findUsageSettled(deps.db, deps.clock()) // before the uses are looked at, so that it holds for them
  const usesKnownThrough = settled && new Date(settled.through.getTime() - unsettledMs)
  for (let batch = 0; batch < batchesPerRun; batch += 1) {
    const { result: looked } = await changeBySystem(deps, (tx, now) => lookAtSome(tx, { now, usesKnownThrough }))
    if (looked < keysPerBatch) break
  }
}

interface Look {
  readonly key: keyLooks.DueKey
  readonly dues: readonly Due[]
}

async function lookAtSome(tx: Tx, { now, usesKnownThrough }: { now: Date; usesKnownThrough: Date | null }) {
  const due = await keyLooks.lockDue(tx, { now, limit: keysPerBatch })
  const rulesOf = await findRules(tx, due) // after the lock: whoever changes them now has the keys looked at again
  const lastWarnings = due.flatMap((key) => {
    const occasion = lastUnusedWarning(key, rulesOf(key), now)
    return occasion === null ? [] : [{ workspaceId: key.workspace_id, subject: key.id, occasion }]
  })
  const warnedAt = await alerts.findRaised(tx, 'key.unused', lastWarnings)
  const secretOf = await secretVersions.findNewest(tx, due.filter((key) => rulesOf(key).rotateEvery).map(({ id }) => id))
  const looks = due.map((key): Look => {
    const moment = { now, usesKnownThrough, unusedWarnedAt: warnedAt.get(key.id) ?? null, newestSecret: secretOf.get(key.id) ?? null }
    return { key, dues: dueOf(key, rulesOf(key), moment) }
  })
  await keyLooks.setNextLooks(tx, looks.map(({ key, dues }) => ({ id: key.id, at: nextLookOf(dues) })))
  for (const look of looks) await tell(tx, look, now)
  const ended: Audit[] = []
  for (const look of looks) ended.push(...(await end(tx, look, now)))
  const [first, ...others] = ended.map(({ target }) => ({ kind: 'key' as const, id: target }))
  return first ? { result: due.length, changes: [first, ...others] as const, audit: ended } : { result: due.length, changes: null }
}

async function findRules(tx: Tx, due: readonly keyLooks.DueKey[]): Promise<(key: keyLooks.DueKey) => policies.PolicyRules> {
  const ids = [...new Set(due.map((key) => key.workspace_id))]
  const policiesOf = await policies.findPoliciesOf(tx, ids)
  const rules = new Map(ids.map((id) => [id, stricterOf(policiesOf(id).installation, policiesOf(id).workspace)]))
  return (key) => rules.get(key.workspace_id) ?? {}
}

async function tell(tx: Tx, { key, dues }: Look, now: Date): Promise<void> {
  for (const { notice } of dues) {
    if (notice) await alerts.raiseAlert(tx, key.workspace_id, { ...notice, subject: key.id, now })
  }
}

/** Ends a locked key; answers its rows of the audit log. */
async function end(tx: Tx, { key, dues }: Look, now: Date): Promise<Audit[]> {
  const ending = dues.find((due) => due.ending)?.ending
  if (!ending) return []
  const { id, workspace_id: workspaceId } = key
  const event = { chain: workspaceId, target: id, before: { status: 'active' } }
  if (ending.do === 'revoke') {
    await keys.revokeKey(tx, workspaceId, { id, reason: ending.reason, now })
    return [{ ...event, action: 'keys.revoke', after: { status: 'revoked', revokedReason: ending.reason } }]
  }
  await keys.updateKey(tx, workspaceId, { id, change: { status: 'disabled' }, now })
  return [{ ...event, action: 'keys.disable', after: { status: 'disabled', reason: ending.reason } }]
}
