import { type keys, policies, type roles, type Tx } from '@letterlock/db'
import { invalid } from '../../http/failure.ts'
import { refuse } from '../refuse.ts'
import { forbiddenIn, newViolationsOf, rotationDueAt, type RuledKey, stricterOf, violationsOf } from './policy-rules.ts'

/** Refuses a key that breaks the policies of its workspace. With `before`, only what the change makes worse. */
export async function refuseViolations(
  tx: Tx, row: keys.WorkspaceKeyRow, { before, now }: { before?: keys.WorkspaceKeyRow; now: Date },
): Promise<void> {
  const { installation, workspace } = await policies.findPolicies(tx, row.workspace_id)
  const rules = stricterOf(installation, workspace)
  const after = toRuledKey(row)
  const found = before ? newViolationsOf(rules, { before: toRuledKey(before), after, now }) : violationsOf(rules, after, now)
  if (found.length > 0) refuse(invalid(found.map(({ path, message }) => ({ path, message }))))
}

/** Refuses an overlap that lets a secret live beyond the rotation after the one that replaces it. */
export async function refuseLongOverlap(tx: Tx, row: keys.WorkspaceKeyRow, { retiresAt, now }: { retiresAt: Date; now: Date }): Promise<void> {
  const { installation, workspace } = await policies.findPolicies(tx, row.workspace_id)
  const rules = stricterOf(installation, workspace)
  const dueAt = rotationDueAt(rules, now)
  if (!dueAt || retiresAt <= dueAt) return
  refuse(invalid([{ path: 'overlap', message: `the policy rotateEvery asks for a rotation every ${rules.rotateEvery}; no overlap may be longer` }]))
}

/** Refuses new scopes of a locked role that would give one of its keys a forbidden combination which it does not have yet. */
export async function refuseForbiddenInRole(tx: Tx, current: roles.RoleRow, wanted: readonly string[]): Promise<void> {
  const { installation } = await policies.findPolicies(tx, null)
  for (const { scopes, rules } of await policies.listHoldersOfRole(tx, current.id)) {
    const all = stricterOf(installation, rules)
    const had = new Set(forbiddenIn(all, [...scopes, ...current.scopes]).map(({ message }) => message))
    const found = forbiddenIn(all, [...scopes, ...wanted]).filter(({ message }) => !had.has(message))
    if (found.length > 0) refuse(invalid(found.map(({ path, message }) => ({ path, message: `${message}; a key of this role would` }))))
  }
}

/** What the rules look at of a row. */
export function toRuledKey(row: keys.WorkspaceKeyRow): RuledKey {
  return { status: row.status, expiresAt: row.expires_at, ipAllow: row.ip_allow, scopes: [...row.scopes, ...(row.role_scopes ?? [])] }
}
