/** API keys and root keys: the identity and its policy. What proves them is in key-secrets.ts. */
import type { EnvironmentId, KeyId, RoleId, WorkspaceId } from '@letterlock/contract'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import { insertSecret, type StoredSecret } from './key-secrets.ts'
import type { Keys } from './schema.ts'

export interface StoredRateLimit {
  name: string
  limit: string
  burst?: number
}

interface Columns {
  id: KeyId
  mode: 'live' | 'test' | 'root'
  status: 'active' | 'disabled' | 'revoked'
  rate_limits: StoredRateLimit[]
  workspace_id: WorkspaceId | null
  environment_id: EnvironmentId | null
  role_id: RoleId | null
}

/** A key without its secrets. */
export type KeyRow = Omit<Selectable<Keys>, keyof Columns> & Columns

/** A key of a workspace, with the scopes of its role; null when it has none. */
export type WorkspaceKeyRow = KeyRow & {
  mode: 'live' | 'test'
  workspace_id: WorkspaceId
  environment_id: EnvironmentId
  role_scopes: string[] | null
}

export interface NewKey {
  id: KeyId
  name: string
  purpose: string | null
  /** Who answers for it. */
  owner?: string | null
  /** Where it is kept. */
  storedIn?: string | null
  scopes: readonly string[]
  ipAllow: readonly string[]
  rateLimits: readonly StoredRateLimit[]
  expiresAt: Date | null
  /** Who made it, as in audit events. */
  createdBy: string | null
  now: Date
  /** Secret version 1. */
  secret: StoredSecret
}

/** What a key of a workspace has beyond a root key. */
export interface NewWorkspaceKey extends NewKey {
  mode: 'live' | 'test'
  environmentId: EnvironmentId
  /** Locked by `lockRoleForKeys` in the same transaction. */
  roleId?: RoleId | null
  /** Of a key that was issued elsewhere; its secret has a lookup. */
  imported?: { externalId: string | null }
}

/** Inserts a key and its secret version 1. The environment must be the workspace's own of that mode. */
export async function insertKey(tx: Tx, workspaceId: WorkspaceId, key: NewWorkspaceKey): Promise<WorkspaceKeyRow> {
  const { mode, environmentId, roleId = null, imported } = key
  const origin = imported && { imported_at: key.now, external_id: imported.externalId }
  const row = await insert(tx, key, { mode, workspace_id: workspaceId, environment_id: environmentId, role_id: roleId, ...origin })
  return row as WorkspaceKeyRow // the owner just given
}

/** What a root key has beyond a key of a workspace. */
export interface NewRootKey extends NewKey {
  /** Scopes of API keys that it may give; null: any. */
  grants?: readonly string[] | null
}

/** Inserts a root key, which belongs to the installation. */
export function insertRootKey(tx: Tx, { grants = null, ...key }: NewRootKey): Promise<KeyRow> {
  return insert(tx, key, { mode: 'root', workspace_id: null, environment_id: null, role_id: null, grants: grants && [...grants] })
}

export async function findKey(db: Db | Tx, workspaceId: WorkspaceId, id: KeyId): Promise<WorkspaceKeyRow | null> {
  const row = await selectWorkspaceKeys(db, workspaceId).where('id', '=', id).executeTakeFirst()
  return row ?? null
}

/** As `findKey`, of many. */
export function findKeys(db: Db | Tx, workspaceId: WorkspaceId, ids: readonly KeyId[]): Promise<WorkspaceKeyRow[]> {
  return selectWorkspaceKeys(db, workspaceId).where(sql<boolean>`id = any(${ids}::text[])`).execute()
}

/** As `findKey`, and nobody else changes the key until the transaction ends. Lock a role before its key, never after. */
export async function lockKey(tx: Tx, workspaceId: WorkspaceId, id: KeyId): Promise<WorkspaceKeyRow | null> {
  const row = await selectWorkspaceKeys(tx, workspaceId).where('id', '=', id).forNoKeyUpdate().executeTakeFirst()
  return row ?? null
}

/** Whose key it is; null for a root key and an unknown id. For management, which sees every workspace. */
export async function findWorkspaceOfKey(db: Db | Tx, id: KeyId): Promise<WorkspaceId | null> {
  const row = await db.selectFrom('keys').select('workspace_id').where('id', '=', id).$castTo<Pick<KeyRow, 'workspace_id'>>().executeTakeFirst()
  return row?.workspace_id ?? null
}

/** What requests with the key may do: its own scopes and those of its role, each once. */
export function effectiveScopes({ scopes, role_scopes: ofRole }: Pick<WorkspaceKeyRow, 'scopes' | 'role_scopes'>): string[] {
  return [...new Set([...scopes, ...(ofRole ?? [])])]
}

export async function findRootKey(db: Db | Tx, id: KeyId): Promise<KeyRow | null> {
  const row = await selectKeys(db, null).where('id', '=', id).executeTakeFirst()
  return row ?? null
}

/** As `findRootKey`, and nobody else changes the key until the transaction ends. */
export async function lockRootKey(tx: Tx, id: KeyId): Promise<KeyRow | null> {
  const row = await selectKeys(tx, null).where('id', '=', id).forNoKeyUpdate().executeTakeFirst()
  return row ?? null
}

/** Newest first; up to `limit + 1` rows older than `before`. */
export function listRootKeys(db: Db | Tx, page: { limit: number; before?: string | undefined }): Promise<KeyRow[]> {
  const { limit, before } = page
  return selectKeys(db, null)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
}

/** New values of a key; what is absent stays. */
export interface KeyChange {
  name?: string | undefined
  purpose?: string | null | undefined
  owner?: string | null | undefined
  storedIn?: string | null | undefined
  scopes?: readonly string[] | undefined
  /** Locked by `lockRoleForKeys` in the same transaction. */
  roleId?: RoleId | null | undefined
  ipAllow?: readonly string[] | undefined
  rateLimits?: readonly StoredRateLimit[] | undefined
  expiresAt?: Date | null | undefined
  status?: 'active' | 'disabled' | undefined
}

/** Null when there is no such key or it is revoked: what is revoked stays as it is, whoever comes late. */
export async function updateKey(
  tx: Tx, workspaceId: WorkspaceId, { id, change, now }: { id: KeyId; change: KeyChange; now: Date },
): Promise<WorkspaceKeyRow | null> {
  const { name, purpose, owner, storedIn, scopes, roleId, ipAllow, rateLimits, expiresAt, status } = change
  const row = await tx
    .updateTable('keys')
    .set({
      ...(name !== undefined && { name }),
      ...(purpose !== undefined && { purpose }),
      ...(owner !== undefined && { owner }),
      ...(storedIn !== undefined && { stored_in: storedIn }),
      ...(scopes && { scopes: [...scopes] }),
      ...(roleId !== undefined && { role_id: roleId }),
      ...(ipAllow && { ip_allow: [...ipAllow] }),
      ...(rateLimits && { rate_limits: JSON.stringify(rateLimits) }), // pg would send an array as a PostgreSQL array
      ...(expiresAt !== undefined && { expires_at: expiresAt, end_set_at: now }),
      ...(status && { status }),
      ...(status === 'active' && { enabled_at: now }),
      ...((expiresAt !== undefined || status === 'active') && { next_look_at: new Date(0) }),
      updated_at: now,
    })
    .where('id', '=', id)
    .where('workspace_id', '=', workspaceId)
    .where('status', '<>', 'revoked')
    .returningAll()
    .returning(roleScopes)
    .$castTo<WorkspaceKeyRow>() // columns as the table's checks say
    .executeTakeFirst()
  return row ?? null
}

export interface Revocation {
  id: KeyId
  reason: string | null
  now: Date
}

/** Revokes for ever. Null when it was revoked before or never was: of two calls at once, one revokes. */
export async function revokeKey(tx: Tx, workspaceId: WorkspaceId, revocation: Revocation): Promise<WorkspaceKeyRow | null> {
  const row = await revoke(tx, revocation).where('workspace_id', '=', workspaceId).returning(roleScopes).$castTo<WorkspaceKeyRow>().executeTakeFirst()
  return row ?? null
}

/** As `revokeKey`, for locked keys that are not revoked. */
export async function revokeKeys(
  tx: Tx, workspaceId: WorkspaceId, { ids, reason, now }: Omit<Revocation, 'id'> & { ids: readonly KeyId[] },
): Promise<void> {
  await tx
    .updateTable('keys')
    .set({ status: 'revoked', revoked_at: now, revoked_reason: reason, updated_at: now })
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', sql<string>`any(${ids}::text[])`)
    .where('status', '<>', 'revoked')
    .execute()
}

/** As `revokeKey`, for a root key. */
export async function revokeRootKey(tx: Tx, revocation: Revocation): Promise<KeyRow | null> {
  const row = await revoke(tx, revocation).where('mode', '=', 'root').executeTakeFirst()
  return row ?? null
}

/**
 * The root keys that can make and revoke root keys at that time, locked until the transaction ends. The lock is what
 * keeps two revocations at once from each leaving the other's key as the last one.
 */
export function lockRootKeyWriters(tx: Tx, now: Date): Promise<KeyRow[]> {
  return selectKeys(tx, null)
    .where('status', '=', 'active')
    .where(sql<boolean>`'rootKeys:write' = any(scopes)`)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
    .orderBy('id')
    .forUpdate()
    .execute()
}

/** Puts a key into quarantine that is not in one; null when it is, or is revoked. @param networks one or more */
export async function quarantineKey(
  tx: Tx, workspaceId: WorkspaceId, { id, networks, reason, now }: Revocation & { readonly networks: readonly string[] },
): Promise<WorkspaceKeyRow | null> {
  const row = await tx
    .updateTable('keys')
    .set({ quarantined_at: now, quarantine_reason: reason, quarantine_networks: [...networks], updated_at: now })
    .where('id', '=', id)
    .where('workspace_id', '=', workspaceId)
    .where('status', '<>', 'revoked')
    .where('quarantined_at', 'is', null)
    .returningAll()
    .returning(roleScopes)
    .$castTo<WorkspaceKeyRow>() // columns as the table's checks say
    .executeTakeFirst()
  return row ?? null
}

/** Gives a locked key in quarantine its rights back; null when it is in none. */
export async function releaseKey(tx: Tx, workspaceId: WorkspaceId, { id, now }: { readonly id: KeyId; readonly now: Date }): Promise<WorkspaceKeyRow | null> {
  const row = await tx
    .updateTable('keys')
    .set({ quarantined_at: null, quarantine_reason: null, quarantine_networks: null, updated_at: now })
    .where('id', '=', id)
    .where('workspace_id', '=', workspaceId)
    .where('quarantined_at', 'is not', null)
    .returningAll()
    .returning(roleScopes)
    .$castTo<WorkspaceKeyRow>() // columns as the table's checks say
    .executeTakeFirst()
  return row ?? null
}

/** Notes when a key was first seen where it must not be (a URL, a body); false when it was noted before or is unknown. */
export async function markExposed(db: Db | Tx, id: KeyId, now: Date): Promise<boolean> {
  const result = await db
    .updateTable('keys')
    .set({ exposed_at: now, updated_at: now })
    .where('id', '=', id)
    .where('exposed_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

type Belonging = Pick<KeyRow, 'mode' | 'workspace_id' | 'environment_id' | 'role_id'> & Partial<Pick<KeyRow, 'imported_at' | 'external_id' | 'grants'>>

async function insert(tx: Tx, key: NewKey, belonging: Belonging): Promise<KeyRow> {
  const { id, name, purpose, owner = null, storedIn = null, scopes, ipAllow, rateLimits, expiresAt, createdBy, now, secret } = key
  const row = await tx
    .insertInto('keys')
    .values({
      id, name, purpose, ...belonging,
      owner,
      stored_in: storedIn,
      scopes: [...scopes],
      ip_allow: [...ipAllow],
      rate_limits: JSON.stringify(rateLimits), // pg would send an array as a PostgreSQL array
      status: 'active',
      expires_at: expiresAt,
      created_by: createdBy,
      created_at: now,
      updated_at: now,
      last_used_floor: now,
    })
    .returningAll()
    .$if(belonging.mode !== 'root', (query) => query.returning(roleScopes))
    .$castTo<KeyRow>() // columns as the table's checks say
    .executeTakeFirstOrThrow()
  await insertSecret(tx, id, { ...secret, version: 1, now })
  return row
}

function selectKeys(db: Db | Tx, workspaceId: WorkspaceId | null) {
  const keys = db.selectFrom('keys').selectAll().$castTo<KeyRow>() // columns as the table's checks say
  return workspaceId === null ? keys.where('workspace_id', 'is', null) : keys.where('workspace_id', '=', workspaceId)
}

/** The scopes of a key's role as a column. */
export const roleScopes = sql<string[] | null>`(select roles.scopes from roles where roles.id = keys.role_id)`.as('role_scopes')

function selectWorkspaceKeys(db: Db | Tx, workspaceId: WorkspaceId) {
  return selectKeys(db, workspaceId).select(roleScopes).$castTo<WorkspaceKeyRow>()
}

function revoke(tx: Tx, { id, reason, now }: Revocation) {
  return tx
    .updateTable('keys')
    .set({ status: 'revoked', revoked_at: now, revoked_reason: reason, updated_at: now })
    .where('id', '=', id)
    .where('status', '<>', 'revoked')
    .returningAll()
    .$castTo<KeyRow>() // columns as the table's checks say
}
