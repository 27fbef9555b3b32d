import { idSchema, line } from '@letterlock/contract'
import { alerts, workspaces } from '@letterlock/db'
import { z } from 'zod'
import { toPage } from '../../http/cursor.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchWorkspace } from '../not-found.ts'
import { beforeOf, pageInput, pageOutput } from '../page.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { alert, toAlert } from './alert-answer.ts'

const input = z.strictObject({
  ...pageInput,
  workspaceId: idSchema('workspace'),
  kind: line(100).optional(),
  /** The id of what they are about. */
  subject: line(100).optional(),
  acknowledged: z.boolean().optional(),
})

/** The alerts of a workspace, newest first. */
export function listAlerts({ db }: Pick<ManagementDeps, 'db'>) {
  return procedureFor('alerts:read')
    .input(input)
    .output(pageOutput(alert))
    .query(async ({ input: { workspaceId, kind, subject, acknowledged: isAcknowledged, limit, cursor } }) => {
      const before = beforeOf(cursor)
      if (!(await workspaces.findWorkspace(db, workspaceId))) refuse(noSuchWorkspace)
      const rows = await alerts.listAlerts(db, workspaceId, { limit, before, kind, subject, isAcknowledged })
      return toPage(rows, limit, { idOf: (row) => row.id, answer: toAlert })
    })
}
