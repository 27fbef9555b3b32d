import { idSchema } from '@letterlock/contract'
import { auditEvents, roles } from '@letterlock/db'
import { z } from 'zod'
import { failure } from '../../http/failure.ts'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchRole } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { role, toRole } from './role-answer.ts'

const mostKeys = 500 // each is a row of the audit log, and other changes wait meanwhile

const input = z.strictObject({
  roleId: idSchema('role'),
  /** Takes the role from the keys that have it; otherwise a role in use is not deleted. */
  force: z.boolean().default(false),
})

/** Deletes a role, and with `force` takes it from its keys; answers from how many. */
export function deleteRole(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('roles:write')
    .input(input)
    .output(z.strictObject({ role, keyCount: z.number().int(), revision: z.number().int() }))
    .mutation(async ({ ctx, input: { roleId, force } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const row = (await roles.lockRole(tx, roleId)) ?? refuse(noSuchRole)
        const keyCount = await roles.countKeysOfRole(tx, roleId)
        if (keyCount > 0 && !force) refuse(inUse(keyCount))
        if (keyCount > mostKeys) refuse(tooMany(keyCount))
        const taken = await roles.takeRoleFromKeys(tx, roleId, now)
        await roles.deleteRole(tx, roleId)
        const chain = row.workspace_id ?? auditEvents.installationChain
        return {
          result: { role: toRole(row), keyCount: taken.length },
          changes: [{ kind: 'role', id: roleId }, ...taken.map(({ id }) => ({ kind: 'key' as const, id }))],
          audit: [
            { chain, action: 'roles.delete', target: roleId, before: toRole(row), after: null },
            ...taken.map(({ id, workspace_id }) => (
              { chain: workspace_id, action: 'roles.delete', target: id, before: { roleId }, after: { roleId: null } }
            )),
          ],
        }
      })
      return { ...result, revision }
    })
}

function inUse(keyCount: number) {
  const detail = `Keys that have this role: ${keyCount}. Give them another one, or send force: true to take it from them.`
  return failure('invalid_state', detail, { members: { keyCount } })
}

function tooMany(keyCount: number) {
  const detail = `Keys that have this role: ${keyCount}, more than ${mostKeys}. Empty its scopes with roles.update, which is in force for all of them, and take it from keys with keys.update first.`
  return failure('invalid_state', detail, { members: { keyCount } })
}
