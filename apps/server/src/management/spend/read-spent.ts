import type { WorkspaceId } from '@letterlock/contract'
import type { Tx } from '@letterlock/db'
import { readLines } from '../statements/read-lines.ts'
import { isUsage, type Time } from '../statements/statement-lines.ts'
import type { Spent } from './spend-shares.ts'

/** What a month costs so far beyond prices, as its statement would say it, and what is used of it since a part began. */
export async function readSpent(
  tx: Tx, workspaceId: WorkspaceId, { month, since, currency }: { month: Time; since: Date | null; currency: string },
): Promise<Spent & { readonly used: ReadonlyMap<string, number> }> {
  const byCurrency = await readLines(tx, workspaceId, month.from)
  const ofPart = [...byCurrency.values()].flat().filter(isUsage).filter(({ from }) => from === since?.toISOString())
  return {
    total: (byCurrency.get(currency) ?? []).filter(isUsage).reduce((sum, { amount }) => sum + amount, 0),
    byMeter: new Map(ofPart.map(({ meter, amount }) => [meter, amount])),
    used: new Map(ofPart.map(({ meter, used }) => [meter, used])),
  }
}
