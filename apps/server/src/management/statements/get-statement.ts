import { idSchema } from '@letterlock/contract'
import { statements } from '@letterlock/db'
import { z } from 'zod'
import type { ManagementDeps } from '../context.ts'
import { noSuchStatement } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { statement, toStatement } from './statement-answer.ts'
import { toCsv } from './statement-csv.ts'

const input = z.strictObject({ statementId: idSchema('statement'), format: z.enum(['json', 'csv']).default('json') })

/** A statement, and on request its lines as CSV too. */
export function getStatement({ db }: Pick<ManagementDeps, 'db'>) {
  return procedureFor('statements:read')
    .input(input)
    .output(z.strictObject({ statement, csv: z.string().nullable() }))
    .query(async ({ input: { statementId, format } }) => {
      const row = (await statements.findStatement(db, statementId)) ?? refuse(noSuchStatement)
      const answer = toStatement(row)
      return { statement: answer, csv: format === 'csv' ? toCsv(answer) : null }
    })
}
