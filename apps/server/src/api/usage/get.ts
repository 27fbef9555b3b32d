import type { AnswerOf } from '@letterlock/contract'
import { meters, usage } from '@letterlock/db'
import { invalid } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'

/** `GET /usage` */
export const getUsage: Handler<'usage.get'> = async (db, { principal, query, now }) => {
  const month = meters.meterPeriod('api.requests', now)
  const from = query.from === undefined ? month.start : new Date(query.from)
  const to = query.to === undefined ? (month.resetsAt ?? now) : new Date(query.to)
  if (from >= to) return invalid([{ path: 'from', message: 'expected a time before `to`' }])
  if (to.getTime() - from.getTime() > longestSpanMs) return invalid([{ path: 'from', message: 'expected at most 400 days before `to`' }])
  const read = await usage.readUsage(db, principal.environmentId, { from, to, now })
  const body = { from: from.toISOString(), to: to.toISOString(), data: read.meters.map(meterAnswer), series: read.series }
  return { status: 200, body }
}

function meterAnswer({ meter, used, limit, resetsAt }: usage.MeterUsage): AnswerOf<'usage.get'>['body']['data'][number] {
  return { meter, used, ...(limit !== null && { limit }), ...(resetsAt !== null && { resetsAt: resetsAt.toISOString() }) }
}

const longestSpanMs = 400 * 24 * 60 * 60 * 1000
