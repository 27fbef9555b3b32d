import { usage } from '@letterlock/db'
import type { Handler } from '../../http/handler.ts'
import { usageAnswer, usageSpan } from './usage-answer.ts'

/** `GET /usage` */
export const getUsage: Handler<'usage.get'> = async (db, { principal, query, now }) => {
  const span = usageSpan(query, now)
  if ('failure' in span) return span
  const read = await usage.readUsage(db, principal.environmentId, { ...span, now })
  return { status: 200, body: usageAnswer(span, read) }
}
