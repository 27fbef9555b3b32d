import { line, productScopeNames, rootScopeNames } from '@letterlock/contract'
import { auditEvents, keys } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { issueSecret } from '../issue-secret.ts'
import { rootKey, toRootKey } from '../keys/key-answer.ts'
import { expiryOf, lifetime, scopeList } from '../keys/key-policy.ts'
import { procedureFor } from '../procedure.ts'
import { grantsOf, refuseBeyond } from '../refuse-grants-beyond.ts'
import { refuseLongerLife } from './refuse-longer-life.ts'
import { refuseScopesBeyond } from './refuse-scopes-beyond.ts'

const input = z.strictObject({
  name: line(200),
  scopes: scopeList(rootScopeNames),
  /** The scopes that it may give to API keys and roles; null: any. Absent: what the caller may give. */
  grants: scopeList(productScopeNames).nullable().optional(),
  expiresIn: lifetime.optional(),
  purpose: line(500).optional(),
})

/** Creates a root key with scopes the caller has, that may grant what the caller may, for no longer than the caller lives; the secret is in this answer and nowhere else. */
export function createRootKey(deps: ManagementDeps) {
  return procedureFor('rootKeys:write')
    .input(input)
    .output(z.strictObject({ rootKey, secret: z.string(), revision: z.number().int() }))
    .mutation(async ({ ctx, input: given }) => {
      refuseScopesBeyond(ctx.principal, given.scopes, 'A root key can grant only scopes it has')
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const expiresAt = expiryOf(given.expiresIn, now)
        refuseLongerLife(ctx.principal, expiresAt, 'expiresIn')
        const own = await grantsOf(tx, ctx.principal)
        const grants = given.grants === undefined ? own : given.grants
        refuseBeyond(own, grants ?? productScopeNames)
        const { token, keyId, secret } = issueSecret(deps, 'root', now)
        const row = await keys.insertRootKey(tx, {
          id: keyId,
          name: given.name,
          purpose: given.purpose ?? null,
          scopes: given.scopes,
          grants,
          ipAllow: [],
          rateLimits: [],
          expiresAt,
          createdBy: ctx.principal.keyId,
          now,
          secret,
        })
        const made = toRootKey(row)
        return {
          result: { rootKey: made, secret: token },
          changes: [{ kind: 'key', id: keyId }],
          audit: { chain: auditEvents.installationChain, action: 'rootKeys.create', target: keyId, before: null, after: made },
        }
      })
      return { ...result, revision }
    })
}
