import { idSchema } from '@letterlock/contract'
import { roles, workspaces } from '@letterlock/db'
import { z } from 'zod'
import { toPage } from '../../http/cursor.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchWorkspace } from '../not-found.ts'
import { beforeOf, pageInput, pageOutput } from '../page.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { role, toRole } from './role-answer.ts'

/** All roles, newest first; with `workspaceId` those that its keys may have: its own and the installation's. */
export function listRoles({ db }: Pick<ManagementDeps, 'db'>) {
  return procedureFor('roles:read')
    .input(z.strictObject({ ...pageInput, workspaceId: idSchema('workspace').optional() }).prefault({}))
    .output(pageOutput(role))
    .query(async ({ input: { workspaceId, limit, cursor } }) => {
      const page = { limit, before: beforeOf(cursor) }
      if (workspaceId && !(await workspaces.findWorkspace(db, workspaceId))) refuse(noSuchWorkspace)
      const rows = await (workspaceId ? roles.listRolesForKeys(db, workspaceId, page) : roles.listRoles(db, page))
      return toPage(rows, limit, { idOf: (row) => row.id, answer: toRole })
    })
}
