import { idSchema } from '@letterlock/contract'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { procedureFor } from '../procedure.ts'
import { setWorkspaceStatus } from './set-workspace-status.ts'
import { workspaceAnswer } from './workspace-answer.ts'

/** Ends the suspension of a workspace. One that is active already stays as it is. */
export function resumeWorkspace(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('workspaces:write')
    .input(z.strictObject({ workspaceId: idSchema('workspace') }))
    .output(z.strictObject({ ...workspaceAnswer, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { workspaceId } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, (tx, now) =>
        setWorkspaceStatus(tx, workspaceId, { status: 'active', action: 'workspaces.resume', now }),
      )
      return { ...result, revision }
    })
}
