import { idSchema } from '@letterlock/contract'
import { keys, workspaces } from '@letterlock/db'
import { z } from 'zod'
import { toPage } from '../../http/cursor.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchWorkspace } from '../not-found.ts'
import { beforeOf, pageInput, pageOutput } from '../page.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { key, toKey } from './key-answer.ts'

/** The API keys of a workspace, newest first. */
export function listKeys({ db }: Pick<ManagementDeps, 'db'>) {
  return procedureFor('keys:read')
    .input(z.strictObject({ ...pageInput, workspaceId: idSchema('workspace'), mode: z.enum(['live', 'test']).optional() }))
    .output(pageOutput(key))
    .query(async ({ input: { workspaceId, mode, limit, cursor } }) => {
      const before = beforeOf(cursor)
      if (!(await workspaces.findWorkspace(db, workspaceId))) refuse(noSuchWorkspace)
      const rows = await keys.listKeys(db, workspaceId, { limit, before, mode })
      return toPage(rows, limit, { idOf: (row) => row.id, answer: toKey })
    })
}
