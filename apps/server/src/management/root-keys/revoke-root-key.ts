import { idSchema, line } from '@letterlock/contract'
import { auditEvents, keys } from '@letterlock/db'
import { z } from 'zod'
import { failure } from '../../http/failure.ts'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { rootKey, toRootKey } from '../keys/key-answer.ts'
import { noSuchRootKey } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { refuseScopesBeyond } from './refuse-scopes-beyond.ts'

/**
 * Revokes a root key for ever, unless nobody could make a root key afterwards. A key that is revoked already stays as it
 * is, and so does the revision.
 */
export function revokeRootKey(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('rootKeys:write')
    .input(z.strictObject({ keyId: idSchema('rootKey'), reason: line(200).optional() }))
    .output(z.strictObject({ rootKey, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { keyId, reason = null } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const before = (await keys.findRootKey(tx, keyId)) ?? refuse(noSuchRootKey)
        if (keyId !== ctx.principal.keyId) {
          refuseScopesBeyond(ctx.principal, before.scopes, 'A root key can revoke itself, and others that have no scope beyond its own')
        }
        const [writer, ...others] = await keys.lockRootKeyWriters(tx, now)
        if (writer?.id === keyId && others.length === 0) refuse(lastWriter)
        const row = await keys.revokeRootKey(tx, { id: keyId, reason, now })
        if (!row) return { result: (await keys.findRootKey(tx, keyId)) ?? refuse(noSuchRootKey), changes: null }
        const after = { status: row.status, revokedReason: row.revoked_reason }
        return {
          result: row,
          changes: [{ kind: 'key', id: keyId }],
          audit: {
            chain: auditEvents.installationChain, action: 'rootKeys.revoke', target: keyId, before: { status: before.status }, after,
          },
        }
      })
      return { rootKey: toRootKey(result), revision }
    })
}

const lastWriter = failure(
  'invalid_state', 'This is the last root key that can make root keys. Make another with rootKeys:write first, then revoke this one.',
)
