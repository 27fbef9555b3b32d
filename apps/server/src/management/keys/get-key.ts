import { idSchema } from '@letterlock/contract'
import { keys } from '@letterlock/db'
import { z } from 'zod'
import type { ManagementDeps } from '../context.ts'
import { noSuchKey } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { key, toKey } from './key-answer.ts'

/** An API key; never its secret. */
export function getKey({ db }: Pick<ManagementDeps, 'db'>) {
  return procedureFor('keys:read')
    .input(z.strictObject({ keyId: idSchema('key') }))
    .output(z.strictObject({ key }))
    .query(async ({ input: { keyId } }) => {
      const workspaceId = (await keys.findWorkspaceOfKey(db, keyId)) ?? refuse(noSuchKey)
      const row = (await keys.findKey(db, workspaceId, keyId)) ?? refuse(noSuchKey)
      return { key: toKey(row) }
    })
}
