import { idSchema, line } from '@letterlock/contract'
import { keys } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchKey } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { retireByCall } from '../secrets/retire-secret.ts'
import { secretVersion, toSecretVersion } from '../secrets/secret-answer.ts'

/**
 * Retires an old secret version of an API key at once. One that has ended already stays as it is, and so does the
 * revision; the newest stays too.
 */
export function retireKeySecret(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('keys:write')
    .input(z.strictObject({ keyId: idSchema('key'), version: z.number().int().min(1).max(1_000_000), reason: line(200).optional() }))
    .output(z.strictObject({ secretVersion, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { keyId, version, reason = null } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const workspaceId = (await keys.findWorkspaceOfKey(tx, keyId)) ?? refuse(noSuchKey)
        const row = (await keys.lockKey(tx, workspaceId, keyId)) ?? refuse(noSuchKey)
        return retireByCall(tx, { key: row, version, reason, action: 'keys.retireSecret', now })
      })
      return { secretVersion: toSecretVersion(result, deps.clock()), revision }
    })
}
