import { idSchema, timestamp } from '@letterlock/contract'
import type { roles } from '@letterlock/db'
import { z } from 'zod'
import { failure } from '../../http/failure.ts'

export const role = z.strictObject({
  id: idSchema('role'),
  /** Null: a role of the installation, for keys of every workspace. */
  workspaceId: idSchema('workspace').nullable(),
  name: z.string(),
  scopes: z.array(z.string()),
  createdAt: timestamp,
  updatedAt: timestamp,
})

export function toRole(row: roles.RoleRow): z.output<typeof role> {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    name: row.name,
    scopes: row.scopes,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}

/** The refusal of a name that another role of the same owner has. */
export function roleExists(existing?: roles.RoleRow | null) {
  return failure('already_exists', 'Another role has this name.', existing ? { members: { existing: existing.id } } : {})
}
