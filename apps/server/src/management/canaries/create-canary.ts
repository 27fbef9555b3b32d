import { idSchema, line } from '@letterlock/contract'
import { canaries, workspaces } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { issueSecret } from '../issue-secret.ts'
import { noSuchWorkspace } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { canary, toCanary } from './canary-answer.ts'

const input = z.strictObject({
  workspaceId: idSchema('workspace'),
  /** What it looks like. */
  mode: z.enum(['live', 'test']).default('live'),
  name: line(200),
  /** Where it is left: a page of a wiki, a repository, a variable of a CI. */
  place: line(500).optional(),
})

/** Makes a key that opens nothing and raises an alert when somebody uses it; the secret is in this answer and nowhere else. */
export function createCanary(deps: ManagementDeps) {
  return procedureFor('keys:write')
    .input(input)
    .output(z.strictObject({ canary, secret: z.string(), revision: z.number().int() }))
    .mutation(async ({ ctx, input: { workspaceId, mode, name, place = null } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        if (!(await workspaces.findWorkspace(tx, workspaceId))) refuse(noSuchWorkspace)
        const { keyId: id, token } = issueSecret(deps, mode, now)
        const made = toCanary(await canaries.insertCanary(tx, workspaceId, { id, name, place, createdBy: ctx.principal.keyId, now }))
        return {
          result: { canary: made, secret: token as string },
          changes: [{ kind: 'record', id }],
          audit: { chain: workspaceId, action: 'canaries.create', target: id, before: null, after: made },
        }
      })
      return { ...result, revision }
    })
}
