import { idSchema, line } from '@letterlock/contract'
import { keys } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchKey } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { key, toKey } from './key-answer.ts'
import { refuseRevoked } from './key-states.ts'
import { putIntoQuarantine } from './put-into-quarantine.ts'

/** Leaves a key the right to read, slowly, from networks that it is known from. One in quarantine stays as it is, and so does the revision. */
export function quarantineKey(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('keys:write')
    .input(z.strictObject({ keyId: idSchema('key'), reason: line(200).optional() }))
    .output(z.strictObject({ key, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { keyId, reason = null } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const workspaceId = (await keys.findWorkspaceOfKey(tx, keyId)) ?? refuse(noSuchKey)
        const current = (await keys.lockKey(tx, workspaceId, keyId)) ?? refuse(noSuchKey)
        refuseRevoked(current)
        const done = await putIntoQuarantine(tx, current, { reason, now })
        if (done.changes === null) return { result: done.row, changes: null }
        return {
          result: done.row,
          changes: done.changes,
          audit: { chain: workspaceId, action: 'keys.quarantine', target: keyId, before: { quarantine: null }, after: done.after },
        }
      })
      return { key: toKey(result), revision }
    })
}
