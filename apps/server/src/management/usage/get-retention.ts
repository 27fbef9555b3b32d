import { usage } from '@letterlock/db'
import { z } from 'zod'
import type { ManagementDeps } from '../context.ts'
import { procedureFor } from '../procedure.ts'
import { retention } from './retention-answer.ts'

/** For how long the installation keeps usage. */
export function getRetention({ db }: Pick<ManagementDeps, 'db'>) {
  return procedureFor('usageRecords:read')
    .input(z.strictObject({}))
    .output(z.strictObject({ retention }))
    .query(async () => ({ retention: await usage.readRetention(db) }))
}
