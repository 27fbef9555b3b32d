import { idSchema, timestamp } from '@letterlock/contract'
import type { statements } from '@letterlock/db'
import { z } from 'zod'

const ofSpan = {
  planId: idSchema('plan'),
  planName: z.string(),
  from: timestamp,
  /** Not included. */
  to: timestamp,
  /** In minor units of the statement's currency. */
  amount: z.number().int(),
}

export const statementLine = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('price'), ...ofSpan }),
  z.strictObject({
    kind: z.literal('usage'), ...ofSpan, meter: z.string(), used: z.number().int(), included: z.number().int(), overage: z.number().int(),
    price: z.number().int(), per: z.number().int(),
  }),
  /** What became known of the month before after its statement: by how much use and amount differ. */
  z.strictObject({ kind: z.literal('adjustment'), ...ofSpan, statementId: idSchema('statement'), meter: z.string(), used: z.number().int() }),
])

/** What a workspace owes for a month in a currency. */
export const statementFacts = {
  /** `2026-11`, UTC. */
  month: z.string(),
  currency: z.string(),
  /** In minor units, the sum of the lines. */
  total: z.number().int(),
  lines: z.array(statementLine),
}

export const statement = z.strictObject({ id: idSchema('statement'), workspaceId: idSchema('workspace'), ...statementFacts, createdAt: timestamp })

export function toStatement(row: statements.StatementRow): z.output<typeof statement> {
  const { id, workspace_id, month, currency, total, lines, at } = row
  return { id, workspaceId: workspace_id, month: monthName(month), currency, total, lines, createdAt: at.toISOString() }
}

export function monthName(month: Date): string {
  return month.toISOString().slice(0, 7)
}
