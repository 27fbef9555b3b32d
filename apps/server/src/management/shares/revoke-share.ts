import { idSchema } from '@letterlock/contract'
import { secretShares } from '@letterlock/db'
import { z } from 'zod'
import { failure } from '../../http/failure.ts'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchShare } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { share, toShare } from './share-answer.ts'

/** Takes a share back before its link was opened. One that waits no more by itself stays as it is, and so does the revision. */
export function revokeShare(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('keys:write')
    .input(z.strictObject({ shareId: idSchema('secretShare') }))
    .output(z.strictObject({ share, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { shareId: id } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const current = (await secretShares.lockShare(tx, id)) ?? refuse(noSuchShare)
        const before = toShare(current, now)
        if (before.status === 'opened') refuse(opened)
        if (before.status !== 'waiting') return { result: before, changes: null }
        const after = toShare(await secretShares.revokeShare(tx, current.workspace_id, { id, now }), now)
        return {
          result: after,
          changes: [{ kind: 'record', id }],
          audit: { chain: current.workspace_id, action: 'shares.revoke', target: id, before: { status: before.status }, after: { status: after.status } },
        }
      })
      return { share: result, revision }
    })
}

const opened = failure('invalid_state', 'The link was opened: whoever did has the secret. Rotate or revoke the key (keys.rotate, keys.revoke).')
