import { idSchema, line, productScopeNames } from '@letterlock/contract'
import { keys, roles } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { differences } from '../differences.ts'
import { noSuchKey, noSuchRole } from '../not-found.ts'
import { refuseViolations } from '../policies/refuse-violations.ts'
import { procedureFor } from '../procedure.ts'
import { refuseGrantsBeyond } from '../refuse-grants-beyond.ts'
import { refuse } from '../refuse.ts'
import { key, toKey } from './key-answer.ts'
import { expiryOf, ipAllow, lifetime, rateLimits, scopeList } from './key-policy.ts'
import { refuseRevoked, revoked } from './key-states.ts'
import { lockKeyAndRole } from './lock-key-and-role.ts'

/** What is absent stays; a list that is given replaces the whole list. */
const input = z.strictObject({
  keyId: idSchema('key'),
  name: line(200).optional(),
  purpose: line(500).nullable().optional(),
  owner: line(200).nullable().optional(),
  storedIn: line(500).nullable().optional(),
  scopes: scopeList(productScopeNames).optional(),
  roleId: idSchema('role').nullable().optional(),
  ipAllow: ipAllow.optional(),
  rateLimits: rateLimits.optional(),
  /** From now; null: never. */
  expiresIn: lifetime.nullable().optional(),
})

/** What decides what may be done with a key. The rest describes it, or slows it down. */
const opening = ['scopes', 'roleId', 'ipAllow', 'expiresAt'] as const

/** Changes an API key that is not revoked. An expired key lives again when it gets a new end. */
export function updateKey(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('keys:write')
    .input(input)
    .output(z.strictObject({ key, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { keyId, expiresIn, ...given } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const workspaceId = (await keys.findWorkspaceOfKey(tx, keyId)) ?? refuse(noSuchKey)
        const role = given.roleId ? ((await roles.lockRoleForKeys(tx, workspaceId, given.roleId)) ?? refuse(noSuchRole)) : null
        const lock = given.scopes && given.roleId === undefined ? lockKeyAndRole : keys.lockKey
        const current = (await lock(tx, workspaceId, keyId)) ?? refuse(noSuchKey)
        refuseRevoked(current)
        const expiresAt = typeof expiresIn === 'number' ? expiryOf(expiresIn, now) : expiresIn
        const changed = differences(toKey(current), { ...given, expiresAt: expiresAt && expiresAt.toISOString() })
        if (!changed) return { result: current, changes: null }
        if (opening.some((name) => name in changed.after)) {
          const ofRole = given.roleId === undefined ? current.role_scopes : role?.scopes
          await refuseGrantsBeyond(tx, ctx.principal, [...(given.scopes ?? current.scopes), ...(ofRole ?? [])])
        }
        const row = (await keys.updateKey(tx, workspaceId, { id: keyId, change: { ...given, expiresAt }, now })) ?? refuse(revoked)
        await refuseViolations(tx, row, { before: current, now })
        return {
          result: row,
          changes: [{ kind: 'key', id: keyId }],
          audit: { chain: workspaceId, action: 'keys.update', target: keyId, ...changed },
        }
      })
      return { key: toKey(result), revision }
    })
}
