import { idSchema } from '@letterlock/contract'
import { canaries, workspaces } from '@letterlock/db'
import { z } from 'zod'
import { toPage } from '../../http/cursor.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchWorkspace } from '../not-found.ts'
import { beforeOf, pageInput, pageOutput } from '../page.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { canary, toCanary } from './canary-answer.ts'

/** The canaries of a workspace, newest first: where each was left, and who tried it last. */
export function listCanaries({ db }: Pick<ManagementDeps, 'db'>) {
  return procedureFor('keys:read')
    .input(z.strictObject({ ...pageInput, workspaceId: idSchema('workspace') }))
    .output(pageOutput(canary))
    .query(async ({ input: { workspaceId, limit, cursor } }) => {
      const before = beforeOf(cursor)
      if (!(await workspaces.findWorkspace(db, workspaceId))) refuse(noSuchWorkspace)
      const rows = await canaries.listCanaries(db, workspaceId, { limit, before })
      return toPage(rows, limit, { idOf: (row) => row.id, answer: toCanary })
    })
}
