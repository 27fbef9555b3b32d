import type { WorkspaceId } from '@letterlock/contract'
import { alerts, holdTakings, meters, planSpans, plans, spendLimits, statements, type Tx, workspaces } from '@letterlock/db'
import { monthName } from '../statements/statement-answer.ts'
import type { Time } from '../statements/statement-lines.ts'
import { readSpent } from './read-spent.ts'
import { costlyMeters, isLevel, mostByMeter, mostInWholeMonth, reached } from './spend-shares.ts'

/**
 * Makes the spend limits of a locked workspace anew, from what it has used and the plans it is on and comes to, and raises
 * `spend.threshold` at 50, 80 and 100 % of its cap. Takings wait meanwhile, so each is within the old limits or the new ones.
 */
export async function settleSpendCap(tx: Tx, workspaceId: WorkspaceId, now: Date): Promise<void> {
  const row = await workspaces.getWorkspace(tx, workspaceId)
  const cap = spendLimits.capOf(row)
  if (!cap) return spendLimits.replaceSpendLimits(tx, row, { limits: [], until: null })
  const month = monthOf(now)
  const { limits, spent } = await limit(tx, row, { cap, month, now })
  await spendLimits.replaceSpendLimits(tx, row, { limits, until: month.to })
  const bounds = limits.filter(({ amount }) => amount !== null)
  const isFull = bounds.length > 0 && bounds.every(({ amount, used }) => used >= (amount ?? 0))
  await raise(tx, row.id, { cap, month, spent, isFull, now })
  if (row.spend_until?.getTime() !== month.from.getTime()) return
  // the first time in a month: what was spent in the last minute of the one before is told too
  const before = monthOf(new Date(month.from.getTime() - 1))
  const { total } = await readSpent(tx, row.id, { month: before, since: null, currency: cap.currency })
  await raise(tx, row.id, { cap, month: before, spent: total, isFull: false, now })
}

type Row = workspaces.WorkspaceRow

interface Capped {
  readonly cap: spendLimits.SpendCap
  readonly month: Time
  readonly now: Date
}

async function limit(tx: Tx, row: Row, { cap, month, now }: Capped): Promise<{ limits: spendLimits.SpendLimit[]; spent: number }> {
  const span = (await planSpans.listSpans(tx, row.id, month)).find(({ from, to }) => from <= now && now < to)
  const planned = await readPlans(tx, row, { from: month.to, to: statements.nextMonth(month.to) })
  const names = [...new Set([...(span ? [span] : []), ...planned].flatMap(costlyMeters))]
  await holdTakings(tx, [row.id], { meters: names, now })
  const used = await meters.listUsed(tx, row.live_environment_id, { meters: names, now })
  const spent = await readSpent(tx, row.id, { month, since: span?.from ?? null, currency: cap.currency })
  // what was used before the part began is in the balance, too
  const usedBefore = (meter: string) => (isLevel(meter) ? 0 : (used.get(meter) ?? 0) - (spent.used.get(meter) ?? 0))
  const most = span ? [...mostByMeter(cap, span, { month, spent })] : []
  const amounts = new Map(most.map(([meter, amount]) => [meter, usedBefore(meter) + amount]))
  const levels = new Map(names.filter(isLevel).map((meter) => [meter, Math.max(used.get(meter) ?? 0, amounts.get(meter) ?? 0)]))
  const later = planned.map((plan) => mostInWholeMonth(cap, plan, levels))
  return {
    spent: spent.total,
    limits: names.map((meter) => ({
      meter, amount: amounts.get(meter) ?? null, laterAmount: least(later.flatMap((most) => most.get(meter) ?? [])), used: used.get(meter) ?? 0,
    })),
  }
}

/** The plans that a workspace may be on in a whole month to come, by their terms of now. */
async function readPlans(tx: Tx, { plan_id, next_plan_id }: Row, month: Time): Promise<planSpans.PlanSpan[]> {
  const spans: planSpans.PlanSpan[] = []
  for (const planId of new Set([plan_id, next_plan_id])) {
    const row = planId && (await plans.findPlan(tx, planId))
    if (!row) continue
    const { id, name, price, currency, included, overage } = row
    spans.push({ planId: id, planName: name, price, currency, included, overage, ...month })
  }
  return spans
}

async function raise(tx: Tx, id: WorkspaceId, { cap, month, spent, isFull, now }: Capped & { spent: number; isFull: boolean }): Promise<void> {
  const name = monthName(month.from)
  for (const percent of reached(cap, { spent, isFull })) {
    const detail = { month: name, percent, spent, cap: cap.amount, currency: cap.currency }
    await alerts.raiseAlert(tx, id, { kind: 'spend.threshold', subject: id, occasion: `${name}:${percent}:${cap.amount} ${cap.currency}`, detail, now })
  }
}

function monthOf(now: Date): Time {
  const from = meters.meterPeriod('emails.sent', now).start
  return { from, to: statements.nextMonth(from) }
}

function least(amounts: readonly number[]): number | null {
  return amounts.length > 0 ? Math.min(...amounts) : null
}
