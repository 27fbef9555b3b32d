import { idSchema, line, productScopeNames } from '@letterlock/contract'
import { auditEvents, roles } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { differences } from '../differences.ts'
import { scopeList } from '../keys/key-policy.ts'
import { noSuchRole } from '../not-found.ts'
import { refuseForbiddenInRole } from '../policies/refuse-violations.ts'
import { procedureFor } from '../procedure.ts'
import { refuseGrantsBeyond } from '../refuse-grants-beyond.ts'
import { refuse } from '../refuse.ts'
import { role, roleExists, toRole } from './role-answer.ts'

/** What is absent stays; `scopes` replaces the whole list. */
const input = z.strictObject({
  roleId: idSchema('role'),
  name: line(200).optional(),
  scopes: scopeList(productScopeNames).optional(),
})

/** Changes a role, and with it every key that has it. */
export function updateRole(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('roles:write')
    .input(input)
    .output(z.strictObject({ role, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { roleId, ...given } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const current = (await roles.lockRole(tx, roleId)) ?? refuse(noSuchRole)
        const changed = differences(toRole(current), given)
        if (!changed) return { result: current, changes: null }
        if (given.scopes) await refuseGrantsBeyond(tx, ctx.principal, given.scopes)
        if (given.scopes) await refuseForbiddenInRole(tx, current, given.scopes)
        const row = await roles.updateRole(tx, roleId, { ...given, now })
        if (row === 'taken') refuse(roleExists())
        const chain = current.workspace_id ?? auditEvents.installationChain
        return {
          result: row,
          changes: [{ kind: 'role', id: roleId }],
          audit: { chain, action: 'roles.update', target: roleId, ...changed },
        }
      })
      return { role: toRole(result), revision }
    })
}
