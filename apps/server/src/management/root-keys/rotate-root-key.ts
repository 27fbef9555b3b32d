import { idSchema, productScopeNames, timestamp } from '@letterlock/contract'
import { auditEvents, keys } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { rootKey, toRootKey } from '../keys/key-answer.ts'
import { noSuchRootKey } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuseGrantsBeyond } from '../refuse-grants-beyond.ts'
import { refuse } from '../refuse.ts'
import { overlap } from '../secrets/overlap.ts'
import { rotateSecret } from '../secrets/rotate-secret.ts'
import { refuseLongerLife } from './refuse-longer-life.ts'
import { refuseScopesBeyond } from './refuse-scopes-beyond.ts'

/**
 * Gives a root key another secret, as `keys.rotate` does: its own key, or one with no scope beyond the caller's that
 * lives no longer, because whoever rotates a key has it then.
 */
export function rotateRootKey(deps: Pick<ManagementDeps, 'db' | 'clock' | 'keyFormat' | 'peppers'>) {
  return procedureFor('rootKeys:write')
    .input(z.strictObject({ keyId: idSchema('rootKey'), overlap }))
    .output(z.strictObject({ rootKey, secret: z.string(), version: z.number().int(), retiresAt: timestamp, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { keyId, overlap: chosen } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const row = (await keys.lockRootKey(tx, keyId)) ?? refuse(noSuchRootKey)
        if (keyId !== ctx.principal.keyId) {
          refuseScopesBeyond(ctx.principal, row.scopes, 'A root key can rotate itself, and others that have no scope beyond its own')
          refuseLongerLife(ctx.principal, row.expires_at, 'keyId')
          await refuseGrantsBeyond(tx, ctx.principal, row.grants ?? productScopeNames)
        }
        const { secret, version, retiresAt, audit } = await rotateSecret(tx, deps, { key: row, overlap: chosen, now })
        return {
          result: { rootKey: toRootKey(row), secret, version, retiresAt: retiresAt.toISOString() },
          changes: [{ kind: 'key', id: keyId }],
          audit: { chain: auditEvents.installationChain, action: 'rootKeys.rotate', target: keyId, ...audit },
        }
      })
      return { ...result, revision }
    })
}
