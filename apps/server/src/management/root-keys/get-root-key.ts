import { idSchema } from '@letterlock/contract'
import { keys, secretVersions } from '@letterlock/db'
import { z } from 'zod'
import type { ManagementDeps } from '../context.ts'
import { rootKey, toRootKey } from '../keys/key-answer.ts'
import { noSuchRootKey } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { secretVersion, toSecretVersion, versionsShown } from '../secrets/secret-answer.ts'

/** A root key with its newest secret versions, as `keys.get` shows them. */
export function getRootKey({ db, clock }: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('rootKeys:read')
    .input(z.strictObject({ keyId: idSchema('rootKey') }))
    .output(z.strictObject({ rootKey, secretVersions: z.array(secretVersion) }))
    .query(async ({ input: { keyId } }) => {
      const row = (await keys.findRootKey(db, keyId)) ?? refuse(noSuchRootKey)
      const versions = await secretVersions.listSecretVersions(db, keyId, { limit: versionsShown })
      return { rootKey: toRootKey(row), secretVersions: versions.map((each) => toSecretVersion(each, clock())) }
    })
}
