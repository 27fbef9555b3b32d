import { idSchema } from '@letterlock/contract'
import { keyAdvice, keys } from '@letterlock/db'
import { z } from 'zod'
import { failure } from '../../http/failure.ts'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { differences } from '../differences.ts'
import { key, toKey } from '../keys/key-answer.ts'
import { refuseRevoked, revoked } from '../keys/key-states.ts'
import { noSuchKey } from '../not-found.ts'
import { refuseViolations } from '../policies/refuse-violations.ts'
import { procedureFor } from '../procedure.ts'
import { refuseGrantsBeyond } from '../refuse-grants-beyond.ts'
import { refuse } from '../refuse.ts'
import { adviceDays } from './least-privilege.ts'
import { type Advice, readAdvice } from './read-advice.ts'

const part = z.enum(['scopes', 'addresses', 'rateLimit'])

const input = z.strictObject({
  keyId: idSchema('key'),
  days: adviceDays,
  /** What is narrowed. */
  parts: z.array(part).min(1).max(3).transform((parts) => new Set(parts)),
  /** Takes the role away too, when it gives scopes that are not used. Otherwise the scopes of the role stay. */
  detachRole: z.boolean().default(false),
})

/** Narrows a key to what it was used for, as the advice of this moment says; `advice.undo` takes that back. */
export function acceptAdvice(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('keys:write')
    .input(input)
    .output(z.strictObject({ key, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { keyId, days, ...wish } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const workspaceId = (await keys.findWorkspaceOfKey(tx, keyId)) ?? refuse(noSuchKey)
        const current = (await keys.lockKey(tx, workspaceId, keyId)) ?? refuse(noSuchKey)
        refuseRevoked(current)
        const before = rightsOf(current)
        const after = narrowed(current, await readAdvice(tx, current, { days, now }), wish)
        const changed = differences(toKey(current), after)
        if (!changed) return { result: current, changes: null }
        // the ceiling is that of keys.update: whoever may not grant what stays may not decide about it
        if (wish.parts.has('scopes') || wish.parts.has('addresses')) {
          await refuseGrantsBeyond(tx, ctx.principal, after.roleId === null ? after.scopes : [...after.scopes, ...(current.role_scopes ?? [])])
        }
        const row = (await keys.updateKey(tx, workspaceId, { id: keyId, change: after, now })) ?? refuse(revoked)
        await refuseViolations(tx, row, { before: current, now })
        await keyAdvice.noteAdvice(tx, workspaceId, { keyId, before, after, by: ctx.principal.keyId, now })
        return {
          result: row,
          changes: [{ kind: 'key', id: keyId }],
          audit: { chain: workspaceId, action: 'advice.accept', target: keyId, ...changed },
        }
      })
      return { key: toKey(result), revision }
    })
}

/** The rights of a key as they are. */
export function rightsOf(row: keys.WorkspaceKeyRow): keyAdvice.KeyRights {
  return { scopes: row.scopes, roleId: row.role_id, ipAllow: row.ip_allow, rateLimits: row.rate_limits }
}

interface Wish {
  readonly parts: ReadonlySet<z.output<typeof part>>
  readonly detachRole: boolean
}

/** @throws a refusal where the advice has no proposal */
function narrowed(row: keys.WorkspaceKeyRow, advice: Advice, { parts, detachRole }: Wish): keyAdvice.KeyRights {
  const rights = rightsOf(row)
  return {
    ...rights,
    ...(parts.has('scopes') && scopesOf(rights, advice.scopes.proposed ?? refuse(noProposal('scopes')), detachRole)),
    ...(parts.has('addresses') && { ipAllow: [...(advice.addresses.proposed ?? refuse(noProposal('addresses')))] }),
    ...(parts.has('rateLimit') && { rateLimits: [advice.rateLimit ?? refuse(noProposal('rateLimit'))] }),
  }
}

function scopesOf(rights: keyAdvice.KeyRights, proposed: readonly string[], detachRole: boolean): Pick<keyAdvice.KeyRights, 'scopes' | 'roleId'> {
  if (detachRole) return { scopes: [...proposed], roleId: null }
  return { scopes: rights.scopes.filter((scope) => proposed.includes(scope)), roleId: rights.roleId }
}

function noProposal(name: z.output<typeof part>) {
  return failure('invalid_state', `There is no proposal for ${name}: advice.leastPrivilege says why.`, {
    issues: [{ path: 'parts', message: `no proposal for ${name}` }],
  })
}
