/** Roles: named sets of scopes, of one workspace or of the whole installation. A key has those of its role beside its own. */
import type { KeyId, RoleId, WorkspaceId } from '@letterlock/contract'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import { orTaken } from './or-taken.ts'
import type { Roles } from './schema.ts'

/** A role; without a workspace it belongs to the installation, and keys of every workspace may have it. */
export type RoleRow = Omit<Selectable<Roles>, 'id' | 'workspace_id'> & { id: RoleId; workspace_id: WorkspaceId | null }

export interface NewRole {
  id: RoleId
  name: string
  scopes: readonly string[]
  now: Date
}

/** Null when another role of that owner has the name. The workspace must exist; null: the installation. */
export async function insertRole(tx: Tx, workspaceId: WorkspaceId | null, role: NewRole): Promise<RoleRow | null> {
  const { id, name, scopes, now } = role
  const row = await tx
    .insertInto('roles')
    .values({ id, workspace_id: workspaceId, name, scopes: [...scopes], created_at: now, updated_at: now })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'name']).doNothing())
    .returningAll()
    .$castTo<RoleRow>() // columns as they were inserted
    .executeTakeFirst()
  return row ?? null
}

/** The role of that name and owner. */
export async function findRoleByName(db: Db | Tx, workspaceId: WorkspaceId | null, name: string): Promise<RoleRow | null> {
  const row = await selectRoles(db)
    .where('name', '=', name)
    .where('workspace_id', 'is not distinct from', workspaceId)
    .executeTakeFirst()
  return row ?? null
}

/**
 * The role, when keys of the workspace may have it; it stays as it is until the transaction ends. Of a key that gets the
 * role and a deletion of the role at once, one waits here for the other and then sees what it did.
 */
export async function lockRoleForKeys(tx: Tx, workspaceId: WorkspaceId, id: RoleId): Promise<RoleRow | null> {
  const row = await selectRoles(tx)
    .where('id', '=', id)
    .where((where) => where.or([where('workspace_id', 'is', null), where('workspace_id', '=', workspaceId)]))
    .forShare()
    .executeTakeFirst()
  return row ?? null
}

/** The role, and nobody else changes it or gives it to a key until the transaction ends. For management, which sees every role. */
export async function lockRole(tx: Tx, id: RoleId): Promise<RoleRow | null> {
  const row = await selectRoles(tx).where('id', '=', id).forUpdate().executeTakeFirst()
  return row ?? null
}

/** Newest first; up to `limit + 1` roles older than `before`. */
export function listRoles(db: Db | Tx, page: { limit: number; before?: string | undefined }): Promise<RoleRow[]> {
  return onePage(selectRoles(db), page).execute()
}

/** As `listRoles`, those that keys of the workspace may have: its own and the installation's, by one index scan each. */
export function listRolesForKeys(
  db: Db | Tx, workspaceId: WorkspaceId, page: { limit: number; before?: string | undefined },
): Promise<RoleRow[]> {
  const own = onePage(selectRoles(db).where('workspace_id', '=', workspaceId), page)
  const shared = onePage(selectRoles(db).where('workspace_id', 'is', null), page)
  return db
    .selectFrom((from) => from.selectFrom(own.as('own')).selectAll().unionAll(from.selectFrom(shared.as('shared')).selectAll()).as('roles'))
    .selectAll()
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
    .execute()
}

/** Changes a locked role. `taken`: another role of its owner has the name; the transaction has to end then. */
export async function updateRole(
  tx: Tx, id: RoleId, { name, scopes, now }: { name?: string | undefined; scopes?: readonly string[] | undefined; now: Date },
): Promise<RoleRow | 'taken'> {
  const update = tx
    .updateTable('roles')
    .set({ ...(name !== undefined && { name }), ...(scopes && { scopes: [...scopes] }), updated_at: now })
    .where('id', '=', id)
    .returningAll()
    .$castTo<RoleRow>() // columns as they were inserted
  return orTaken(() => update.executeTakeFirstOrThrow())
}

/** How many keys have the role, revoked ones too. */
export async function countKeysOfRole(tx: Tx, id: RoleId): Promise<number> {
  const { count } = await tx
    .selectFrom('keys')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where('role_id', '=', id)
    .executeTakeFirstOrThrow()
  return count
}

/** Takes a locked role from all keys that have it, in the order of their ids; answers which these were. */
export async function takeRoleFromKeys(tx: Tx, id: RoleId, now: Date): Promise<{ id: KeyId; workspace_id: WorkspaceId }[]> {
  const { rows } = await sql<{ id: KeyId; workspace_id: WorkspaceId }>`
    with had as (select id from keys where role_id = ${id} order by id for no key update)
    update keys set role_id = null, updated_at = ${now} from had where keys.id = had.id
    returning keys.id, keys.workspace_id
  `.execute(tx)
  return rows
}

/** Deletes a locked role that no key has. */
export async function deleteRole(tx: Tx, id: RoleId): Promise<void> {
  await tx.deleteFrom('roles').where('id', '=', id).execute()
}

function selectRoles(db: Db | Tx) {
  return db.selectFrom('roles').selectAll().$castTo<RoleRow>() // columns as they were inserted
}

function onePage(query: ReturnType<typeof selectRoles>, { limit, before }: { limit: number; before?: string | undefined }) {
  return query
    .$if(before !== undefined, (page) => page.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit + 1)
}
