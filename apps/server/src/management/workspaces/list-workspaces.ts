import { workspaces } from '@letterlock/db'
import { z } from 'zod'
import { toPage } from '../../http/cursor.ts'
import type { ManagementDeps } from '../context.ts'
import { beforeOf, pageInput, pageOutput } from '../page.ts'
import { procedureFor } from '../procedure.ts'
import { toWorkspace, workspace } from './workspace-answer.ts'

/** Workspaces, newest first. */
export function listWorkspaces({ db }: Pick<ManagementDeps, 'db'>) {
  return procedureFor('workspaces:read')
    .input(z.strictObject(pageInput).prefault({}))
    .output(pageOutput(workspace))
    .query(async ({ input: { limit, cursor } }) => {
      const rows = await workspaces.listWorkspaces(db, { limit, before: beforeOf(cursor) })
      return toPage(rows, limit, { idOf: (row) => row.id, answer: toWorkspace })
    })
}
