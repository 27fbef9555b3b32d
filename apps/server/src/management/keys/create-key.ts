import { idSchema, line, productScopeNames } from '@letterlock/contract'
import { keys, roles, workspaces } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { issueSecret } from '../issue-secret.ts'
import { noSuchRole, noSuchWorkspace } from '../not-found.ts'
import { refuseViolations } from '../policies/refuse-violations.ts'
import { procedureFor } from '../procedure.ts'
import { refuseGrantsBeyond } from '../refuse-grants-beyond.ts'
import { refuse } from '../refuse.ts'
import { key, toKey } from './key-answer.ts'
import { expiryOf, ipAllow, lifetime, rateLimits, scopeList } from './key-policy.ts'

const input = z.strictObject({
  workspaceId: idSchema('workspace'),
  mode: z.enum(['live', 'test']),
  name: line(200),
  /** What neither is listed nor in the role is not granted. */
  scopes: scopeList(productScopeNames).default([]),
  /** A role of the workspace or of the installation; its scopes come to those above. */
  roleId: idSchema('role').optional(),
  expiresIn: lifetime.optional(),
  ipAllow: ipAllow.default([]),
  rateLimits: rateLimits.default([]),
  purpose: line(500).optional(),
  /** Who answers for it. */
  owner: line(200).optional(),
  /** Where it is kept: the path in a vault, a secret of a CI. Never the secret itself. */
  storedIn: line(500).optional(),
})

/** Creates an API key with scopes that the caller may grant; the secret is in this answer and nowhere else. */
export function createKey(deps: ManagementDeps) {
  return procedureFor('keys:write')
    .input(input)
    .output(z.strictObject({ key, secret: z.string(), revision: z.number().int() }))
    .mutation(async ({ ctx, input: given }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const workspace = (await workspaces.findWorkspace(tx, given.workspaceId)) ?? refuse(noSuchWorkspace)
        const role = given.roleId ? ((await roles.lockRoleForKeys(tx, workspace.id, given.roleId)) ?? refuse(noSuchRole)) : null
        await refuseGrantsBeyond(tx, ctx.principal, [...given.scopes, ...(role?.scopes ?? [])])
        const { token, keyId, secret } = issueSecret(deps, given.mode, now)
        const row = await keys.insertKey(tx, workspace.id, {
          id: keyId,
          mode: given.mode,
          environmentId: given.mode === 'live' ? workspace.live_environment_id : workspace.test_environment_id,
          name: given.name,
          purpose: given.purpose ?? null,
          owner: given.owner ?? null,
          storedIn: given.storedIn ?? null,
          scopes: given.scopes,
          roleId: given.roleId ?? null,
          ipAllow: given.ipAllow,
          rateLimits: given.rateLimits,
          expiresAt: expiryOf(given.expiresIn, now),
          createdBy: ctx.principal.keyId,
          now,
          secret,
        })
        await refuseViolations(tx, row, { now })
        const made = toKey(row)
        return {
          result: { key: made, secret: token },
          changes: [{ kind: 'key', id: keyId }],
          audit: { chain: workspace.id, action: 'keys.create', target: keyId, before: null, after: made },
        }
      })
      return { ...result, revision }
    })
}
