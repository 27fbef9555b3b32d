import { idSchema } from '@letterlock/contract'
import { keys } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchKey } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuseGrantsBeyond } from '../refuse-grants-beyond.ts'
import { refuse } from '../refuse.ts'
import { key, toKey } from './key-answer.ts'
import { refuseRevoked } from './key-states.ts'

/** Gives a key in quarantine all its rights back, none of which the caller may not grant. One in none stays as it is, and so does the revision. */
export function releaseKey(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('keys:write')
    .input(z.strictObject({ keyId: idSchema('key') }))
    .output(z.strictObject({ key, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { keyId } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const workspaceId = (await keys.findWorkspaceOfKey(tx, keyId)) ?? refuse(noSuchKey)
        const current = (await keys.lockKey(tx, workspaceId, keyId)) ?? refuse(noSuchKey)
        refuseRevoked(current)
        if (!current.quarantined_at) return { result: current, changes: null }
        await refuseGrantsBeyond(tx, ctx.principal, keys.effectiveScopes(current))
        const before = { quarantine: { reason: current.quarantine_reason, networks: current.quarantine_networks ?? [] } }
        return {
          result: (await keys.releaseKey(tx, workspaceId, { id: keyId, now })) ?? current,
          changes: [{ kind: 'key', id: keyId }],
          audit: { chain: workspaceId, action: 'keys.release', target: keyId, before, after: { quarantine: null } },
        }
      })
      return { key: toKey(result), revision }
    })
}
