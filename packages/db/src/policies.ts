/** Policies: what keys must be like, for one workspace or for the whole installation. */
import type { RoleId, WorkspaceId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'

/** The rules of one owner; an absent rule asks for nothing. */
export type PolicyRules = {
  /** How far ahead the end of a key may lie: `90d`. A key without an end breaks it. */
  readonly maxLifetime?: string
  readonly expiryRequired?: boolean
  readonly ipListRequired?: boolean
  /** Combinations that no key may have together. */
  readonly forbiddenScopes?: readonly (readonly string[])[]
  /** How old the newest secret of a key may become: `60d`. */
  readonly rotateEvery?: string
  /** How long before a date of a key people are told of it: `30d`. */
  readonly warnBefore?: readonly string[]
  /** What becomes of a key that nobody has used for so long. */
  readonly whenUnused?: { readonly for: string; readonly do: 'disable' | 'revoke' }
  /** What becomes of a key that was found where it must not be. */
  readonly whenLeaked?: { readonly live?: LeakRule; readonly test?: LeakRule }
}

/** `notify`: people are told, and the key goes on working. */
export type LeakRule = 'notify' | 'quarantine' | 'revoke'

/** What the installation asks for, and what the workspace asks for beside it. */
export interface PoliciesOfWorkspace {
  readonly installation: PolicyRules
  readonly workspace: PolicyRules
}

const installation = ''

/** Both policies that hold for a workspace; null: the installation's alone. */
export async function findPolicies(db: Db | Tx, workspaceId: WorkspaceId | null): Promise<PoliciesOfWorkspace> {
  const policiesOf = await findPoliciesOf(db, workspaceId === null ? [] : [workspaceId])
  return policiesOf(workspaceId)
}

/** As `findPolicies`, for many workspaces at once. */
export async function findPoliciesOf(
  db: Db | Tx, workspaceIds: readonly WorkspaceId[],
): Promise<(workspaceId: WorkspaceId | null) => PoliciesOfWorkspace> {
  const owners = [installation, ...workspaceIds]
  const rows = await db.selectFrom('policies').select(['workspace_id', 'rules']).where(sql<boolean>`workspace_id = any(${owners}::text[])`).execute()
  const rulesOf = new Map(rows.map((row) => [row.workspace_id, row.rules as PolicyRules])) // as setPolicy() wrote them
  return (workspaceId) => ({ installation: rulesOf.get(installation) ?? {}, workspace: (workspaceId && rulesOf.get(workspaceId)) ?? {} })
}

/** The rules of one owner, and nobody else changes them until the transaction ends; also when there were none. */
export async function lockPolicy(tx: Tx, workspaceId: WorkspaceId | null, now: Date): Promise<PolicyRules> {
  const owner = workspaceId ?? installation
  await tx
    .insertInto('policies')
    .values({ workspace_id: owner, rules: '{}', updated_at: now })
    .onConflict((conflict) => conflict.column('workspace_id').doNothing())
    .execute()
  const { rules } = await tx.selectFrom('policies').select('rules').where('workspace_id', '=', owner).forUpdate().executeTakeFirstOrThrow()
  return rules as PolicyRules // as setPolicy() wrote them
}

/** Replaces the rules of a locked policy; a sweep has its keys looked at again, some at a time. */
export async function setPolicy(tx: Tx, workspaceId: WorkspaceId | null, { rules, now }: { rules: PolicyRules; now: Date }): Promise<void> {
  await tx
    .updateTable('policies')
    .set({ rules: JSON.stringify(rules), updated_at: now, told_through: '' })
    .where('workspace_id', '=', workspaceId ?? installation)
    .execute()
}

/** A set of scopes that keys have beside those of their role, and what their workspace asks for. */
export interface RoleHolders {
  readonly scopes: string[]
  readonly rules: PolicyRules
}

/** The keys of a locked role that are not revoked: each set of their own scopes once for each workspace. */
export async function listHoldersOfRole(tx: Tx, roleId: RoleId): Promise<RoleHolders[]> {
  const rows = await tx
    .selectFrom('keys')
    .leftJoin('policies', 'policies.workspace_id', 'keys.workspace_id')
    .select(['keys.scopes', 'policies.rules'])
    .where('keys.role_id', '=', roleId)
    .where('keys.status', '<>', 'revoked')
    .groupBy(['keys.workspace_id', 'keys.scopes', 'policies.rules'])
    .execute()
  return rows.map(({ scopes, rules }) => ({ scopes, rules: (rules ?? {}) as PolicyRules })) // as setPolicy() wrote them
}
