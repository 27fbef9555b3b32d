import { idSchema } from '@letterlock/contract'
import { keys } from '@letterlock/db'
import { z } from 'zod'
import type { ManagementDeps } from '../context.ts'
import { noSuchKey } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { readInTime } from '../read-in-time.ts'
import { refuse } from '../refuse.ts'
import { advice, toAdvice } from './advice-answer.ts'
import { readAdvice } from './read-advice.ts'

/** The days (UTC, today too) that advice is made of. */
export const adviceDays = z.number().int().min(1).max(400).default(30)

/** Which scopes a key did not use, where it came from, and how fast: what it could do without, with the proof. */
export function leastPrivilege({ db, clock }: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('usageRecords:read')
    .input(z.strictObject({ keyId: idSchema('key'), days: adviceDays }))
    .output(advice)
    .query(({ input: { keyId, days } }) => readInTime(db, async (tx) => {
      const workspaceId = (await keys.findWorkspaceOfKey(tx, keyId)) ?? refuse(noSuchKey)
      const key = (await keys.findKey(tx, workspaceId, keyId)) ?? refuse(noSuchKey)
      return toAdvice(keyId, await readAdvice(tx, key, { days, now: clock() }))
    }))
}
