import type { WorkspaceId } from '@letterlock/contract'
import { type Db, meters, planSpans, statements, type Tx, workspaces } from '@letterlock/db'
import { metersOf, priceLine, usageLine } from './statement-lines.ts'

/** What a workspace owes for a month as the ledger says it now, by currency. Without a plan: nothing. */
export async function readLines(db: Db | Tx, workspaceId: WorkspaceId, month: Date): Promise<Map<string, statements.StatementLine[]>> {
  const whole = { from: month, to: statements.nextMonth(month) }
  const spans = await planSpans.listSpans(db, workspaceId, whole)
  const byCurrency = new Map<string, statements.StatementLine[]>()
  if (spans.length === 0) return byCurrency
  const { live_environment_id: environmentId } = await workspaces.getWorkspace(db, workspaceId)
  for (const span of spans) {
    const lines: statements.StatementLine[] = [priceLine(span, whole)]
    for (const meter of metersOf(span)) {
      const used = await statements.readUsed(db, environmentId, { meter, from: span.from, to: span.to })
      const isLevel = meters.meterPeriod(meter, month).resetsAt === null
      lines.push(usageLine({ span, meter, used, isLevel }, whole))
    }
    byCurrency.set(span.currency, [...(byCurrency.get(span.currency) ?? []), ...lines])
  }
  return byCurrency
}
