import { idSchema, line } from '@letterlock/contract'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { procedureFor } from '../procedure.ts'
import { key, toKey } from './key-answer.ts'
import { setKeyStatus } from './set-key-status.ts'

/** Disables an API key until `keys.enable`. A key that is disabled already stays as it is, and so does the revision. */
export function disableKey(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('keys:write')
    .input(z.strictObject({ keyId: idSchema('key'), reason: line(200).optional() }))
    .output(z.strictObject({ key, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { keyId, reason = null } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, (tx, now) =>
        setKeyStatus(tx, { keyId, principal: ctx.principal }, { status: 'disabled', action: 'keys.disable', reason, now }),
      )
      return { key: toKey(result), revision }
    })
}
