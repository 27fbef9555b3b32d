import { idSchema } from '@letterlock/contract'
import { secretShares, workspaces } from '@letterlock/db'
import { z } from 'zod'
import { toPage } from '../../http/cursor.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchWorkspace } from '../not-found.ts'
import { beforeOf, pageInput, pageOutput } from '../page.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { share, toShare } from './share-answer.ts'

const input = z.strictObject({ ...pageInput, workspaceId: idSchema('workspace'), keyId: idSchema('key').optional() })

/** The shares of a workspace, newest first: which wait, and which were opened, when and from where. */
export function listShares({ db, clock }: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('keys:read')
    .input(input)
    .output(pageOutput(share))
    .query(async ({ input: { workspaceId, keyId, limit, cursor } }) => {
      const before = beforeOf(cursor)
      if (!(await workspaces.findWorkspace(db, workspaceId))) refuse(noSuchWorkspace)
      const rows = await secretShares.listShares(db, workspaceId, { limit, before, keyId })
      return toPage(rows, limit, { idOf: (row) => row.id, answer: (row) => toShare(row, clock()) })
    })
}
