/** What the parts of a month on plans cost; pure, in whole minor units, each line rounded half up by itself. */
import type { planSpans, statements } from '@letterlock/db'

/** A time, `to` not included. */
export interface Time {
  readonly from: Date
  readonly to: Date
}

/** What was used of a meter while a workspace was on a plan. */
export interface SpanUse {
  readonly span: planSpans.PlanSpan
  readonly meter: string
  readonly used: number
  /** There at once, such as what is stored, and not in the course of the time. */
  readonly isLevel: boolean
}

/** The meters that a plan says something of, by name. */
export function metersOf({ included, overage }: planSpans.PlanSpan): string[] {
  return [...new Set([...Object.keys(included), ...Object.keys(overage)])].toSorted()
}

/** The part of the price that falls to the span, to the millisecond. */
export function priceLine(span: planSpans.PlanSpan, month: Time): statements.PriceLine {
  return { kind: 'price', ...placeOf(span), amount: part(span.price, span, month) }
}

/**
 * What is beyond the included amount. Of what flows, the included amount is that part of it which falls to the span,
 * rounded down; of a level all of it is, and what is beyond costs the part of a month.
 */
export function usageLine({ span, meter, used, isLevel }: SpanUse, month: Time): statements.UsageLine {
  const whole = span.included[meter] ?? 0
  const { price, per } = span.overage[meter] ?? { price: 0, per: 1 }
  const included = isLevel ? whole : Number((BigInt(whole) * length(span)) / length(month))
  const overage = Math.max(0, used - included)
  const [share, of] = isLevel ? [length(span), length(month)] : [1n, 1n]
  const amount = divided(BigInt(overage) * BigInt(price) * share, BigInt(per) * of)
  return { kind: 'usage', ...placeOf(span), meter, used, included, overage, price, per, amount }
}

/** The most that may be used so that `usageLine` costs no more than an amount. */
export function mostFor(amount: number, { span, meter, isLevel }: Omit<SpanUse, 'used'>, month: Time): number {
  const { included, price, per } = usageLine({ span, meter, used: 0, isLevel }, month)
  const [share, of] = isLevel ? [length(span), length(month)] : [1n, 1n]
  const unit = 2n * BigInt(price) * share
  if (unit === 0n) return Number.MAX_SAFE_INTEGER
  const most = BigInt(included) + (BigInt(per) * of * (2n * BigInt(amount) + 1n) - 1n) / unit
  return Number(most < BigInt(Number.MAX_SAFE_INTEGER) ? most : Number.MAX_SAFE_INTEGER)
}

/** What lines that were made anew say otherwise than those of a statement that is closed. */
export function adjustments(
  closed: Pick<statements.StatementRow, 'id' | 'lines'>, anew: readonly statements.StatementLine[],
): statements.AdjustmentLine[] {
  const before = new Map(closed.lines.filter(isUsage).map((line) => [nameOf(line), line]))
  return anew.filter(isUsage).flatMap((line) => {
    const { used = 0, amount = 0 } = before.get(nameOf(line)) ?? {}
    if (used === line.used && amount === line.amount) return []
    const { planId, planName, from, to, meter } = line
    return [{ kind: 'adjustment', statementId: closed.id, planId, planName, from, to, meter, used: line.used - used, amount: line.amount - amount } as const]
  })
}

/** A line as it is stored and as it was made anew; null: it is not there. */
export interface Difference {
  readonly stored: statements.StatementLine | null
  readonly recomputed: statements.StatementLine | null
}

/** Where stored lines, with what was adjusted later, are not the lines that were made anew. */
export function differences(
  { stored, adjusted, anew }: Readonly<Record<'stored' | 'adjusted' | 'anew', readonly statements.StatementLine[]>>,
): Difference[] {
  const before = new Map(stored.filter((line) => line.kind !== 'adjustment').map((line) => [nameOf(line), line]))
  const later = new Map(adjusted.map((line) => [nameOf(line), line]))
  const lines = new Map(anew.map((line) => [nameOf(line), line]))
  return [...new Set([...before.keys(), ...later.keys(), ...lines.keys()])].flatMap((name) => {
    const [line, adjustment, recomputed] = [before.get(name) ?? null, later.get(name), lines.get(name) ?? null]
    return isSame(withAdjustment(line, adjustment), recomputed) ? [] : [{ stored: line, recomputed }]
  })
}

function withAdjustment(line: statements.StatementLine | null, adjustment: statements.StatementLine | undefined): statements.StatementLine | null {
  if (line?.kind !== 'usage' || adjustment?.kind !== 'adjustment') return line
  const used = line.used + adjustment.used
  return { ...line, used, overage: Math.max(0, used - line.included), amount: line.amount + adjustment.amount }
}

function isSame(a: statements.StatementLine | null, b: statements.StatementLine | null): boolean {
  const facts = (line: statements.StatementLine | null) => JSON.stringify(line && Object.entries({ ...line, planName: '' }).toSorted())
  return facts(a) === facts(b)
}

export function isUsage(line: statements.StatementLine): line is statements.UsageLine {
  return line.kind === 'usage'
}

/** The part of the month and what the line is of. */
function nameOf(line: statements.StatementLine): string {
  return `${line.from} ${line.kind === 'price' ? '' : line.meter}`
}

function placeOf({ planId, planName, from, to }: planSpans.PlanSpan) {
  return { planId, planName, from: from.toISOString(), to: to.toISOString() }
}

function part(amount: number, span: Time, month: Time): number {
  return divided(BigInt(amount) * length(span), length(month))
}

function length({ from, to }: Time): bigint {
  return BigInt(to.getTime() - from.getTime())
}

/** Half up; both are 0 or more. */
function divided(amount: bigint, by: bigint): number {
  return Number((2n * amount + by) / (2n * by))
}
