import { idSchema } from '@letterlock/contract'
import { meters, workspaces } from '@letterlock/db'
import { z } from 'zod'
import type { ManagementDeps } from '../context.ts'
import { noSuchWorkspace } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { readLines } from './read-lines.ts'
import { monthName, statementFacts } from './statement-answer.ts'

/** What a workspace would owe for the running month if it stayed on its plan and used nothing more; by currency. */
export function currentStatements({ db, clock }: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('statements:read')
    .input(z.strictObject({ workspaceId: idSchema('workspace') }))
    .output(z.strictObject({ statements: z.array(z.strictObject(statementFacts)) }))
    .query(async ({ input: { workspaceId } }) => {
      if (!(await workspaces.findWorkspace(db, workspaceId))) refuse(noSuchWorkspace)
      const month = meters.meterPeriod('emails.sent', clock()).start
      const byCurrency = await readLines(db, workspaceId, month)
      return {
        statements: [...byCurrency].map(([currency, lines]) => {
          return { month: monthName(month), currency, total: lines.reduce((sum, { amount }) => sum + amount, 0), lines }
        }),
      }
    })
}
