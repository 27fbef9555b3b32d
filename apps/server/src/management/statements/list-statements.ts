import { idSchema } from '@letterlock/contract'
import { statements, workspaces } from '@letterlock/db'
import { z } from 'zod'
import { toPage } from '../../http/cursor.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchWorkspace } from '../not-found.ts'
import { beforeOf, pageInput, pageOutput } from '../page.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { statement, toStatement } from './statement-answer.ts'

/** The statements of a workspace, newest first. */
export function listStatements({ db }: Pick<ManagementDeps, 'db'>) {
  return procedureFor('statements:read')
    .input(z.strictObject({ ...pageInput, workspaceId: idSchema('workspace') }))
    .output(pageOutput(statement))
    .query(async ({ input: { workspaceId, limit, cursor } }) => {
      const before = beforeOf(cursor)
      if (!(await workspaces.findWorkspace(db, workspaceId))) refuse(noSuchWorkspace)
      const rows = await statements.listStatements(db, workspaceId, { limit, before })
      return toPage(rows, limit, { idOf: (row) => row.id, answer: toStatement })
    })
}
