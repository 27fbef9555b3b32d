import { idSchema } from '@letterlock/contract'
import { keySecrets, keys } from '@letterlock/db'
import { z } from 'zod'
import type { ManagementDeps } from '../context.ts'
import { noSuchKey } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { key, secretVersion, toKey, toSecretVersion } from './key-answer.ts'

/** An API key with its secret versions, newest first; never a secret. */
export function getKey({ db }: Pick<ManagementDeps, 'db'>) {
  return procedureFor('keys:read')
    .input(z.strictObject({ keyId: idSchema('key') }))
    .output(z.strictObject({ key, secretVersions: z.array(secretVersion) }))
    .query(async ({ input: { keyId } }) => {
      const workspaceId = (await keys.findWorkspaceOfKey(db, keyId)) ?? refuse(noSuchKey)
      const row = (await keys.findKey(db, workspaceId, keyId)) ?? refuse(noSuchKey)
      const versions = await keySecrets.listSecretVersions(db, workspaceId, keyId)
      return { key: toKey(row), secretVersions: versions.map(toSecretVersion) }
    })
}
