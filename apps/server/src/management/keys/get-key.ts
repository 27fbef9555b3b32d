import { idSchema } from '@letterlock/contract'
import { keys, secretVersions } from '@letterlock/db'
import { z } from 'zod'
import type { ManagementDeps } from '../context.ts'
import { noSuchKey } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { secretVersion, toSecretVersion, versionsShown } from '../secrets/secret-answer.ts'
import { key, toKey } from './key-answer.ts'

/** An API key with its newest secret versions, newest first: which live, until when, and how the others ended. Never a secret. */
export function getKey({ db, clock }: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('keys:read')
    .input(z.strictObject({ keyId: idSchema('key') }))
    .output(z.strictObject({ key, secretVersions: z.array(secretVersion) }))
    .query(async ({ input: { keyId } }) => {
      const workspaceId = (await keys.findWorkspaceOfKey(db, keyId)) ?? refuse(noSuchKey)
      const row = (await keys.findKey(db, workspaceId, keyId)) ?? refuse(noSuchKey)
      const versions = await secretVersions.listSecretVersions(db, keyId, { limit: versionsShown })
      return { key: toKey(row), secretVersions: versions.map((each) => toSecretVersion(each, clock())) }
    })
}
