import type { meters, usage } from '@letterlock/db'
import { meterPeriod } from '@letterlock/db/meter-period'
import type { LedgerEntry, MemoryEnvironment } from './environment.ts'

/** Takes the whole amount, or nothing when the quota does not allow it. */
export function takeMeter(
  environment: MemoryEnvironment, { meter, amount, now }: { meter: string; amount: number; now: Date },
): { readonly ok: true } | meters.QuotaExceeded {
  const limit = environment.quotas.get(meter)
  const used = usedOf(environment, meter, now)
  if (limit !== undefined && used + amount > limit) return { ok: false, limit, used, resetsAt: meterPeriod(meter, now).resetsAt }
  note(environment, { meter, amount, at: now })
  return { ok: true }
}

/** Gives back what is no longer stored. */
export function giveMeter(environment: MemoryEnvironment, { meter, amount, now }: { meter: string; amount: number; now: Date }): void {
  note(environment, { meter, amount: -amount, at: now })
}

/** How many more the quota allows; Infinity without one. */
export function roomOf(environment: MemoryEnvironment, meter: string, now: Date): number {
  return (environment.quotas.get(meter) ?? Infinity) - usedOf(environment, meter, now)
}

/** Counts a request that was served. */
export function countRequest(environment: MemoryEnvironment, now: Date): void {
  const day = dayOf(now)
  environment.requestsByDay.set(day, (environment.requestsByDay.get(day) ?? 0) + 1)
}

/** What was used from `from` until before `to`, as the server reads it from its ledger. */
export function readUsage(
  environment: MemoryEnvironment, { from, to, now }: { from: Date; to: Date; now: Date },
): { meters: usage.MeterUsage[]; series: usage.UsagePoint[] } {
  const within = (day: string) => day >= dayOf(from) && Date.parse(day) < to.getTime()
  const requests = [...environment.requestsByDay].filter(([day]) => within(day))
  const emails = takenByDay(environment, 'emails.sent', { from, to })
  const stored = usedOf(environment, 'contacts.stored', now)
  const series = [
    ...named('api.requests', requests),
    ...named('contacts.stored', levelsByDay(environment).filter(([day]) => within(day))),
    ...named('emails.sent', emails),
  ]
  return { series, meters: [meterOf('api.requests', sum(requests)), meterOf('contacts.stored', stored), meterOf('emails.sent', sum(emails))] }

  function meterOf(meter: string, used: number): usage.MeterUsage {
    const limit = environment.quotas.get(meter) ?? null
    return { meter, used, limit, resetsAt: limit === null ? null : meterPeriod(meter, now).resetsAt }
  }
}

/** How much of a meter is used in the running period. */
export function usedOf({ totals }: MemoryEnvironment, meter: string, now: Date): number {
  return totals.get(periodOf(meter, now)) ?? 0
}

function note({ ledger, totals }: MemoryEnvironment, entry: LedgerEntry): void {
  ledger.push(entry)
  const period = periodOf(entry.meter, entry.at)
  totals.set(period, (totals.get(period) ?? 0) + entry.amount)
}

function periodOf(meter: string, now: Date): string {
  return `${meter} ${meterPeriod(meter, now).start.toISOString()}`
}

type Days = [day: string, used: number][]

function takenByDay({ ledger }: MemoryEnvironment, meter: string, { from, to }: { from: Date; to: Date }): Days {
  const days = new Map<string, number>()
  for (const { meter: of, amount, at } of ledger) {
    if (of === meter && at >= from && at < to) days.set(dayOf(at), (days.get(dayOf(at)) ?? 0) + amount)
  }
  return [...days].sort(byDay)
}

/** The level of stored contacts at the end of each day on which it changed. */
function levelsByDay({ ledger }: MemoryEnvironment): Days {
  const days = new Map<string, number>()
  let level = 0
  for (const { meter, amount, at } of ledger) if (meter === 'contacts.stored') days.set(dayOf(at), (level += amount))
  return [...days].sort(byDay)
}

function named(meter: string, days: Days): usage.UsagePoint[] {
  return days.map(([day, used]) => ({ day, meter, used }))
}

function sum(days: Days): number {
  return days.reduce((total, [, used]) => total + used, 0)
}

function byDay([a]: Days[number], [b]: Days[number]): number {
  return a < b ? -1 : 1
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10)
}
