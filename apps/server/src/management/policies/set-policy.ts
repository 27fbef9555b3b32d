import { idSchema } from '@letterlock/contract'
import { auditEvents, policies, workspaces } from '@letterlock/db'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchWorkspace } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { policyAnswer, policyRules } from './policy-answer.ts'

/** Replaces the policy of a workspace, or (null) of the whole installation. Keys that exist stay as they are. */
export function setPolicy(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('policies:write')
    .input(z.strictObject({ workspaceId: idSchema('workspace').nullable(), policy: policyRules }))
    .output(z.strictObject({ policy: policyAnswer, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { workspaceId, policy: rules } }) => {
      const { revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        if (workspaceId && !(await workspaces.findWorkspace(tx, workspaceId))) refuse(noSuchWorkspace)
        const before = await policies.lockPolicy(tx, workspaceId, now)
        if (isDeepStrictEqual(before, rules)) return { result: null, changes: null }
        await policies.setPolicy(tx, workspaceId, { rules, now })
        const target = workspaceId ?? 'installation'
        const chain = workspaceId ?? auditEvents.installationChain
        return {
          result: null,
          changes: [{ kind: 'record', id: target }],
          audit: { chain, action: 'policies.set', target, before: { policy: before }, after: { policy: rules } },
        }
      })
      return { policy: policyAnswer.parse(rules), revision }
    })
}
