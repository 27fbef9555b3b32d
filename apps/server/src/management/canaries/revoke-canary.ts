import { idSchema } from '@letterlock/contract'
import { canaries } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchCanary } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { canary, toCanary } from './canary-answer.ts'

/** Lets a canary rest: nobody is told of its use any more. One that rests stays as it is, and so does the revision. */
export function revokeCanary(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('keys:write')
    .input(z.strictObject({ canaryId: idSchema('key') }))
    .output(z.strictObject({ canary, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { canaryId: id } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const current = (await canaries.lockCanary(tx, id)) ?? refuse(noSuchCanary)
        if (current.revoked_at) return { result: current, changes: null }
        const row = await canaries.revokeCanary(tx, current.workspace_id, { id, now })
        const audit = { chain: row.workspace_id, action: 'canaries.revoke', target: id, before: { revokedAt: null }, after: { revokedAt: now.toISOString() } }
        return { result: row, changes: [{ kind: 'record', id }], audit }
      })
      return { canary: toCanary(result), revision }
    })
}
