import { isDeepStrictEqual } from 'node:util'
import { idSchema } from '@letterlock/contract'
import { keyAdvice, keys, roles } from '@letterlock/db'
import { z } from 'zod'
import { failure } from '../../http/failure.ts'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { differences } from '../differences.ts'
import { key, toKey } from '../keys/key-answer.ts'
import { refuseRevoked, revoked } from '../keys/key-states.ts'
import { noSuchKey, noSuchRole } from '../not-found.ts'
import { refuseViolations } from '../policies/refuse-violations.ts'
import { procedureFor } from '../procedure.ts'
import { refuseGrantsBeyond } from '../refuse-grants-beyond.ts'
import { refuse } from '../refuse.ts'
import { rightsOf } from './accept-advice.ts'

/** Gives a key back what advice took from it last, unless the key was changed since. */
export function undoAdvice(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('keys:write')
    .input(z.strictObject({ keyId: idSchema('key') }))
    .output(z.strictObject({ key, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { keyId } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const workspaceId = (await keys.findWorkspaceOfKey(tx, keyId)) ?? refuse(noSuchKey)
        const current = (await keys.lockKey(tx, workspaceId, keyId)) ?? refuse(noSuchKey)
        refuseRevoked(current)
        const { before, after } = (await keyAdvice.takeAdvice(tx, workspaceId, keyId)) ?? refuse(nothingToUndo)
        if (!isDeepStrictEqual(rightsOf(current), after)) refuse(changedSince)
        const role = before.roleId === null ? null : ((await roles.lockRoleForKeys(tx, workspaceId, before.roleId)) ?? refuse(noSuchRole))
        await refuseGrantsBeyond(tx, ctx.principal, [...before.scopes, ...(role?.scopes ?? [])])
        const row = (await keys.updateKey(tx, workspaceId, { id: keyId, change: before, now })) ?? refuse(revoked)
        await refuseViolations(tx, row, { before: current, now })
        return {
          result: row,
          changes: [{ kind: 'key', id: keyId }],
          audit: { chain: workspaceId, action: 'advice.undo', target: keyId, ...(differences(toKey(current), before) ?? { before: null, after: null }) },
        }
      })
      return { key: toKey(result), revision }
    })
}

const nothingToUndo = failure('invalid_state', 'No advice about this key was accepted, or it was taken back.')
const changedSince = failure('invalid_state', 'The key was changed since the advice was accepted. Change it with keys.update.')
