import { idSchema } from '@letterlock/contract'
import { workspaces } from '@letterlock/db'
import { z } from 'zod'
import type { ManagementDeps } from '../context.ts'
import { noSuchWorkspace } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { toWorkspaceAnswer, workspaceAnswer } from './workspace-answer.ts'

/** A workspace, its environments and quotas. */
export function getWorkspace({ db }: Pick<ManagementDeps, 'db'>) {
  return procedureFor('workspaces:read')
    .input(z.strictObject({ workspaceId: idSchema('workspace') }))
    .output(z.strictObject(workspaceAnswer))
    .query(async ({ input: { workspaceId } }) => {
      const row = (await workspaces.findWorkspace(db, workspaceId)) ?? refuse(noSuchWorkspace)
      return toWorkspaceAnswer(row, await workspaces.listQuotas(db, workspaceId))
    })
}
