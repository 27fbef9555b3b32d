import { idSchema } from '@letterlock/contract'
import { keyLists, workspaces } from '@letterlock/db'
import { z } from 'zod'
import { encodeCursor, toPage } from '../../http/cursor.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchWorkspace } from '../not-found.ts'
import { beforeOf, pageInput, pageOutput } from '../page.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { key, toKey } from './key-answer.ts'
import { keyFilter, toKeyFilter } from './key-filter.ts'

const input = z.strictObject({ ...pageInput, workspaceId: idSchema('workspace'), ...keyFilter })

/**
 * The API keys of a workspace, newest first. A page looks at 10 000 keys at most when it filters by scope or use: then it
 * may hold fewer than asked, even none, with a cursor that goes on from there.
 */
export function listKeys({ db, clock }: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('keys:read')
    .input(input)
    .output(pageOutput(key))
    .query(async ({ input: { workspaceId, limit, cursor, ...filter } }) => {
      const before = beforeOf(cursor)
      if (!(await workspaces.findWorkspace(db, workspaceId))) refuse(noSuchWorkspace)
      const { rows, lookedAtUntil } = await keyLists.listKeys(db, workspaceId, { ...toKeyFilter(filter, clock()), limit, before })
      const page = toPage(rows, limit, { idOf: (row) => row.id, answer: toKey })
      return lookedAtUntil === null ? page : { ...page, hasMore: true, nextCursor: encodeCursor(lookedAtUntil) }
    })
}
