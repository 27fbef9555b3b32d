import { line, newId } from '@letterlock/contract'
import { workspaces } from '@letterlock/db'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { procedureFor } from '../procedure.ts'
import { quotas } from './quotas.ts'
import { readWorkspaceAnswer, workspaceAnswer } from './workspace-answer.ts'

const input = z.strictObject({
  name: line(200),
  /** How much of a meter the live environment may use: in a month, or at once where it is stored. Absent: any amount. */
  quotas: quotas.default({}),
})

/** Creates a workspace with its environments `live` and `test`. */
export function createWorkspace(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('workspaces:write')
    .input(input)
    .output(z.strictObject({ ...workspaceAnswer, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { name, quotas } }) => {
      const id = newId('workspace')
      const { result, revision } = await changeControlPlane(deps, ctx, async (tx, now) => {
        const environments = { liveEnvironmentId: newId('environment'), testEnvironmentId: newId('environment') }
        await workspaces.insertWorkspace(tx, { id, name, quotas, ...environments, now })
        const result = await readWorkspaceAnswer(tx, { id })
        return {
          result,
          changes: [{ kind: 'workspace', id }],
          audit: { chain: id, action: 'workspaces.create', target: id, before: null, after: result },
        }
      })
      return { ...result, revision }
    })
}
