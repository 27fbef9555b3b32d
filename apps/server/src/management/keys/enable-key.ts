import { idSchema } from '@letterlock/contract'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { procedureFor } from '../procedure.ts'
import { key, toKey } from './key-answer.ts'
import { setKeyStatus } from './set-key-status.ts'

/** Enables a disabled API key. A key that is active already stays as it is, and so does the revision. */
export function enableKey(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('keys:write')
    .input(z.strictObject({ keyId: idSchema('key') }))
    .output(z.strictObject({ key, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { keyId } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, (tx, now) =>
        setKeyStatus(tx, { keyId, principal: ctx.principal }, { status: 'active', action: 'keys.enable', now }),
      )
      return { key: toKey(result), revision }
    })
}
