import type { AnswerOf, QueryOf } from '@letterlock/contract'
import type { usage } from '@letterlock/db'
import { meterPeriod } from '@letterlock/db/meter-period'
import { type Failure, invalid } from '../../http/failure.ts'

/** The span that is asked for: the running month unless named otherwise, 400 days at most. */
export function usageSpan(query: QueryOf<'usage.get'>, now: Date): { from: Date; to: Date } | Failure {
  const month = meterPeriod('api.requests', now)
  const from = query.from === undefined ? month.start : new Date(query.from)
  const to = query.to === undefined ? (month.resetsAt ?? now) : new Date(query.to)
  if (from >= to) return invalid([{ path: 'from', message: 'expected a time before `to`' }])
  if (to.getTime() - from.getTime() > longestSpanMs) return invalid([{ path: 'from', message: 'expected at most 400 days before `to`' }])
  return { from, to }
}

/** What was read of a span as the wire shows it. */
export function usageAnswer(
  { from, to }: { from: Date; to: Date },
  read: { readonly meters: readonly usage.MeterUsage[]; readonly series: readonly usage.UsagePoint[] },
): AnswerOf<'usage.get'>['body'] {
  return { from: from.toISOString(), to: to.toISOString(), data: read.meters.map(meterAnswer), series: [...read.series] }
}

function meterAnswer({ meter, used, limit, resetsAt }: usage.MeterUsage): AnswerOf<'usage.get'>['body']['data'][number] {
  return { meter, used, ...(limit !== null && { limit }), ...(resetsAt !== null && { resetsAt: resetsAt.toISOString() }) }
}

const longestSpanMs = 400 * 24 * 60 * 60 * 1000
