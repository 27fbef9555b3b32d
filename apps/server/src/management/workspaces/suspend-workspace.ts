import { idSchema, line } from '@letterlock/contract'
import { z } from 'zod'
import { changeControlPlane } from '../change-control-plane.ts'
import type { ManagementDeps } from '../context.ts'
import { procedureFor } from '../procedure.ts'
import { setWorkspaceStatus } from './set-workspace-status.ts'
import { workspaceAnswer } from './workspace-answer.ts'

/** Suspends a workspace: its keys are refused until `workspaces.resume`. One that is suspended already stays as it is. */
export function suspendWorkspace(deps: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('workspaces:write')
    .input(z.strictObject({ workspaceId: idSchema('workspace'), reason: line(200).optional() }))
    .output(z.strictObject({ ...workspaceAnswer, revision: z.number().int() }))
    .mutation(async ({ ctx, input: { workspaceId, reason = null } }) => {
      const { result, revision } = await changeControlPlane(deps, ctx, (tx, now) =>
        setWorkspaceStatus(tx, workspaceId, { status: 'suspended', action: 'workspaces.suspend', reason, now }),
      )
      return { ...result, revision }
    })
}
