import type { WorkspaceId } from '@letterlock/contract'
import { statements, type Tx } from '@letterlock/db'
import { readLines } from './read-lines.ts'
import { adjustments } from './statement-lines.ts'

/**
 * Makes the statements of a workspace for a month that has ended, once: what it owes for it, and what became known of the
 * month before since that was closed. Nothing owed and nothing used on any plan makes none.
 */
export async function closeMonth(tx: Tx, workspaceId: WorkspaceId, { month, now }: { month: Date; now: Date }): Promise<void> {
  const byCurrency = await readLines(tx, workspaceId, month)
  const before = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() - 1))
  const closedBefore = await statements.listStatementsOf(tx, workspaceId, before)
  const beforeAnew = closedBefore.length > 0 ? await readLines(tx, workspaceId, before) : new Map<string, statements.StatementLine[]>()
  for (const closed of closedBefore) {
    const late = adjustments(closed, beforeAnew.get(closed.currency) ?? [])
    if (late.length > 0) byCurrency.set(closed.currency, [...(byCurrency.get(closed.currency) ?? []), ...late])
  }
  for (const [currency, lines] of byCurrency) await statements.insertStatement(tx, workspaceId, { month, currency, lines, now })
}
