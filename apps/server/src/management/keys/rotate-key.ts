import { idSchema, timestamp } from '@letterlock/contract'
import { keys } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchKey } from '../not-found.ts'
import { refuseLongOverlap } from '../policies/refuse-violations.ts'
import { procedureFor } from '../procedure.ts'
import { refuseGrantsBeyond } from '../refuse-grants-beyond.ts'
import { refuse } from '../refuse.ts'
import { overlap } from '../secrets/overlap.ts'
import { rotateSecret } from '../secrets/rotate-secret.ts'
import { key, toKey } from './key-answer.ts'

/**
 * Gives an API key another secret, which is in this answer and nowhere else. Its id, limits, usage and history stay;
 * what was the secret before works until `retiresAt` at the latest.
 */
export function rotateKey(deps: Pick<ManagementDeps, 'db' | 'clock' | 'keyFormat' | 'peppers'>) {
  return procedureFor('keys:write')
    .input(z.strictObject({ keyId: idSchema('key'), overlap }))
    .output(z.strictObject({ key, secret: z.string(), version: z.number().int(), retiresAt: timestamp, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { keyId, overlap: chosen } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const workspaceId = (await keys.findWorkspaceOfKey(tx, keyId)) ?? refuse(noSuchKey)
        const row = (await keys.lockKey(tx, workspaceId, keyId)) ?? refuse(noSuchKey)
        await refuseGrantsBeyond(tx, ctx.principal, toKey(row).effectiveScopes) // whoever rotates a key has it then
        const { secret, version, retiresAt, audit } = await rotateSecret(tx, deps, { key: row, overlap: chosen, now })
        await refuseLongOverlap(tx, row, { retiresAt, now })
        return {
          result: { key: toKey(row), secret, version, retiresAt: retiresAt.toISOString() },
          changes: [{ kind: 'key', id: keyId }],
          audit: { chain: workspaceId, action: 'keys.rotate', target: keyId, ...audit },
        }
      })
      return { ...result, revision }
    })
}
