import { idSchema } from '@letterlock/contract'
import { statements } from '@letterlock/db'
import { z } from 'zod'
import type { ManagementDeps } from '../context.ts'
import { noSuchStatement } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { readLines } from './read-lines.ts'
import { statementLine } from './statement-answer.ts'
import { differences } from './statement-lines.ts'

/**
 * Whether a statement is what the ledger gives when it is made anew, with what the statement of the next month adjusts;
 * else what differs, line by line. The total has to be the sum of the lines.
 */
export function verifyStatement({ db }: Pick<ManagementDeps, 'db'>) {
  return procedureFor('statements:read')
    .input(z.strictObject({ statementId: idSchema('statement') }))
    .output(z.strictObject({ matches: z.boolean(), differences: z.array(z.strictObject({ stored: statementLine.nullable(), recomputed: statementLine.nullable() })) }))
    .query(async ({ input: { statementId } }) => {
      const stored = (await statements.findStatement(db, statementId)) ?? refuse(noSuchStatement)
      const next = await statements.listStatementsOf(db, stored.workspace_id, statements.nextMonth(stored.month))
      const adjusted = next.flatMap(({ lines }) => lines).filter((line) => line.kind === 'adjustment' && line.statementId === stored.id)
      const anew = (await readLines(db, stored.workspace_id, stored.month)).get(stored.currency) ?? []
      const found = differences({ stored: stored.lines, adjusted, anew })
      const isSum = stored.total === stored.lines.reduce((sum, { amount }) => sum + amount, 0)
      return { matches: isSum && found.length === 0, differences: found }
    })
}
