import { idSchema, line } from '@letterlock/contract'
import { keys } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchKey } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { key, toKey } from './key-answer.ts'

/** Revokes an API key for ever. A key that is revoked already stays as it is, and so does the revision. */
export function revokeKey(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('keys:write')
    .input(z.strictObject({ keyId: idSchema('key'), reason: line(200).optional() }))
    .output(z.strictObject({ key, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { keyId, reason = null } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const workspaceId = (await keys.findWorkspaceOfKey(tx, keyId)) ?? refuse(noSuchKey)
        const before = (await keys.lockKey(tx, workspaceId, keyId)) ?? refuse(noSuchKey)
        const row = await keys.revokeKey(tx, workspaceId, { id: keyId, reason, now })
        if (!row) return { result: before, changes: null }
        const after = { status: row.status, revokedReason: row.revoked_reason }
        return {
          result: row,
          changes: [{ kind: 'key', id: keyId }],
          audit: { chain: workspaceId, action: 'keys.revoke', target: keyId, before: { status: before.status }, after },
        }
      })
      return { key: toKey(result), revision }
    })
}
