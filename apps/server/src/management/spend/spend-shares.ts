/** How much of a spend cap each meter may still cost; pure, in whole minor units. */
import { meters, type planSpans, type spendLimits } from '@letterlock/db'
import { mostFor, type Time, usageLine } from '../statements/statement-lines.ts'

/** The meters that cost beyond what is included and that takings can be refused of, by name. */
export function costlyMeters({ overage }: planSpans.PlanSpan): string[] {
  return Object.keys(overage).filter((meter) => meter !== 'api.requests' && (overage[meter]?.price ?? 0) > 0).toSorted()
}

/** What a month costs so far beyond the prices of its plans. */
export interface Spent {
  /** Of every part of the month, in the currency of the cap. */
  readonly total: number
  /** Of this part, by meter. */
  readonly byMeter: ReadonlyMap<string, number>
}

/**
 * By meter, how much may be used in a part of a month that lasts until its end: what each has cost, and an equal share
 * of what is left of the cap. A cap in another currency leaves nothing.
 */
export function mostByMeter(cap: spendLimits.SpendCap, span: planSpans.PlanSpan, { month, spent }: { month: Time; spent: Spent }): Map<string, number> {
  const names = costlyMeters(span)
  const left = cap.currency === span.currency ? Math.max(0, cap.amount - spent.total) : 0
  const share = Math.floor(left / names.length)
  return new Map(names.map((meter, at) => {
    const rest = at === 0 ? left - share * names.length : 0
    return [meter, mostFor((spent.byMeter.get(meter) ?? 0) + share + rest, { span, meter, isLevel: isLevel(meter) }, month)]
  }))
}

/** As `mostByMeter` for a whole month to come, of which nothing is known but how high its levels may be when it begins. */
export function mostInWholeMonth(
  cap: spendLimits.SpendCap, span: planSpans.PlanSpan, levels: ReadonlyMap<string, number>,
): Map<string, number> {
  const byMeter = new Map(costlyMeters(span).map((meter) => [meter, usageLine({ span, meter, used: levels.get(meter) ?? 0, isLevel: isLevel(meter) }, span).amount]))
  const total = [...byMeter.values()].reduce((sum, amount) => sum + amount, 0)
  return mostByMeter(cap, span, { month: span, spent: { total, byMeter } })
}

/** Whether it is there at once, such as what is stored, and does not begin anew with a month. */
export function isLevel(meter: string): boolean {
  return meters.meterPeriod(meter, new Date(0)).resetsAt === null
}

const thresholds = [50, 80, 100] as const

/** Per cent of the cap that are spent; all of it too when nothing more that costs can be used. */
export function reached(cap: spendLimits.SpendCap, { spent, isFull }: { spent: number; isFull: boolean }): number[] {
  if (spent === 0) return []
  return thresholds.filter((percent) => isFull || BigInt(spent) * 100n >= BigInt(cap.amount) * BigInt(percent))
}
