import { idSchema, line, newId, productScopeNames } from '@letterlock/contract'
import { auditEvents, roles, workspaces } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { scopeList } from '../keys/key-policy.ts'
import { noSuchWorkspace } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuseGrantsBeyond } from '../refuse-grants-beyond.ts'
import { refuse } from '../refuse.ts'
import { role, roleExists, toRole } from './role-answer.ts'

const input = z.strictObject({
  /** Absent: the role is for keys of every workspace. */
  workspaceId: idSchema('workspace').optional(),
  name: line(200),
  scopes: scopeList(productScopeNames),
})

/** Creates a role. Names are unique in a workspace, and among the roles of the installation. */
export function createRole(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('roles:write')
    .input(input)
    .output(z.strictObject({ role, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { workspaceId = null, name, scopes } }) => {
      const id = newId('role')
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        if (workspaceId && !(await workspaces.findWorkspace(tx, workspaceId))) refuse(noSuchWorkspace)
        await refuseGrantsBeyond(tx, ctx.principal, scopes)
        const row = await roles.insertRole(tx, workspaceId, { id, name, scopes, now })
        const made = toRole(row ?? refuse(roleExists(await roles.findRoleByName(tx, workspaceId, name))))
        const chain = workspaceId ?? auditEvents.installationChain
        return {
          result: made,
          changes: [{ kind: 'role', id }],
          audit: { chain, action: 'roles.create', target: id, before: null, after: made },
        }
      })
      return { role: result, revision }
    })
}
