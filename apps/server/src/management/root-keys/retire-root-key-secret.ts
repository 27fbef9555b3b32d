import { idSchema, line } from '@letterlock/contract'
import { keys } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchRootKey } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { retireByCall } from '../secrets/retire-secret.ts'
import { secretVersion, toSecretVersion } from '../secrets/secret-answer.ts'
import { refuseScopesBeyond } from './refuse-scopes-beyond.ts'

/** Retires an old secret version of a root key at once, as `keys.retireSecret` does. */
export function retireRootKeySecret(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('rootKeys:write')
    .input(z.strictObject({ keyId: idSchema('rootKey'), version: z.number().int().min(1).max(1_000_000), reason: line(200).optional() }))
    .output(z.strictObject({ secretVersion, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { keyId, version, reason = null } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const row = (await keys.lockRootKey(tx, keyId)) ?? refuse(noSuchRootKey)
        if (keyId !== ctx.principal.keyId) {
          refuseScopesBeyond(ctx.principal, row.scopes, 'A root key can retire secrets of its own, and of others that have no scope beyond its own')
        }
        return retireByCall(tx, { key: row, version, reason, action: 'rootKeys.retireSecret', now })
      })
      return { secretVersion: toSecretVersion(result, deps.clock()), revision }
    })
}
