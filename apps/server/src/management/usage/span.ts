import { moment } from '@letterlock/contract'
import { invalid } from '../../http/failure.ts'
import { refuse } from '../refuse.ts'

export const dayMs = 86_400_000

/** The time that is asked about, `from` until before `to`. */
export const spanInput = { from: moment.optional(), to: moment.optional() }

export interface Span {
  readonly from: Date
  readonly to: Date
}

/** The span with its defaults; refuses one that is empty or longer than so many days. */
export function spanOf(given: { from?: string | undefined; to?: string | undefined }, bounds: Span & { readonly mostDays: number }): Span {
  const to = given.to === undefined ? bounds.to : new Date(given.to)
  const from = given.from === undefined ? bounds.from : new Date(given.from)
  if (from >= to) refuse(invalid([{ path: 'from', message: `expected a time before \`to\`, ${to.toISOString()}` }]))
  if (to.getTime() - from.getTime() > bounds.mostDays * dayMs) {
    refuse(invalid([{ path: 'from', message: `expected at most ${bounds.mostDays} days before \`to\`, ${to.toISOString()}` }]))
  }
  return { from, to }
}
