import { line, rootScopeNames } from '@letterlock/contract'
import { auditEvents, keys } from '@letterlock/db'
import { z } from 'zod'
import { failure } from '../../http/failure.ts'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps, RootPrincipal } from '../context.ts'
import { issueSecret } from '../issue-secret.ts'
import { rootKey, toRootKey } from '../keys/key-answer.ts'
import { expiryOf, lifetime, scopeList } from '../keys/key-policy.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'

const input = z.strictObject({
  name: line(200),
  scopes: scopeList(rootScopeNames),
  expiresIn: lifetime.optional(),
  purpose: line(500).optional(),
})

/** Creates a root key with scopes the caller has; the secret is in this answer and nowhere else. */
export function createRootKey(deps: ManagementDeps) {
  return procedureFor('rootKeys:write')
    .input(input)
    .output(z.strictObject({ rootKey, secret: z.string(), revision: z.number().int() }))
    .mutation(async ({ ctx, input: given }) => {
      refuseMoreThanOwn(ctx.principal, given.scopes)
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const { token, keyId, secret } = issueSecret(deps, 'root', now)
        const row = await keys.insertRootKey(tx, {
          id: keyId,
          name: given.name,
          purpose: given.purpose ?? null,
          scopes: given.scopes,
          ipAllow: [],
          rateLimits: [],
          expiresAt: expiryOf(given.expiresIn, now),
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

// otherwise the scope rootKeys:write would be every scope
function refuseMoreThanOwn(principal: RootPrincipal, scopes: readonly string[]) {
  const missing = scopes.find((scope) => !principal.scopes.includes(scope))
  if (missing === undefined) return
  const members = { requiredScope: missing, keyScopes: principal.scopes }
  refuse(failure('insufficient_scope', `A root key can grant only scopes it has; yours lacks ${missing}.`, { members }))
}
