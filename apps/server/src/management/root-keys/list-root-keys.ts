import { keys } from '@letterlock/db'
import { z } from 'zod'
import { toPage } from '../../http/cursor.ts'
import type { ManagementDeps } from '../context.ts'
import { rootKey, toRootKey } from '../keys/key-answer.ts'
import { beforeOf, pageInput, pageOutput } from '../page.ts'
import { procedureFor } from '../procedure.ts'

/** Root keys, newest first; never their secrets. */
export function listRootKeys({ db }: Pick<ManagementDeps, 'db'>) {
  return procedureFor('rootKeys:read')
    .input(z.strictObject(pageInput).prefault({}))
    .output(pageOutput(rootKey))
    .query(async ({ input: { limit, cursor } }) => {
      const rows = await keys.listRootKeys(db, { limit, before: beforeOf(cursor) })
      return toPage(rows, limit, { idOf: (row) => row.id, answer: toRootKey })
    })
}
