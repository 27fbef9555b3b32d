import { idSchema, moment, timestamp } from '@letterlock/contract'
import { type Db, usage } from '@letterlock/db'
import { z } from 'zod'
import { invalid } from '../../http/failure.ts'
import type { ManagementDeps } from '../context.ts'
import { procedureFor } from '../procedure.ts'
import { readInTime } from '../read-in-time.ts'
import { refuse } from '../refuse.ts'
import { outcomeName, statusOf } from './outcome-status.ts'
import { type Span, spanOf } from './span.ts'
import { environmentOf, usageScope } from './usage-scope.ts'
import { usedOperation } from './used-operation.ts'

const stepMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const
const mostPoints = 2_000
const mostSeries = 10

const input = z.strictObject({
  ...usageScope,
  from: moment,
  to: moment,
  step: z.enum(['minute', 'hour', 'day']),
  /** One series each; absent: one of all requests. */
  by: z.enum(['key', 'operation', 'outcome', 'status']).optional(),
  keyId: idSchema('key').optional(),
  operation: usedOperation.optional(),
  outcome: outcomeName.optional(),
})

const output = z.strictObject({
  /** The whole steps that were counted. */
  from: timestamp,
  to: timestamp,
  step: z.enum(['minute', 'hour', 'day']),
  /** Most requests first; `others` at the end is what the rest had, `all` is the one series without `by`. */
  series: z.array(z.strictObject({
    name: z.string(),
    requests: z.number().int(),
    /** Oldest first; points without requests are left out. */
    points: z.array(z.strictObject({ at: timestamp, requests: z.number().int() })),
  })),
})

type Series = z.input<typeof output>['series'][number]

/** Requests over time, in all or by key, operation, outcome or status. */
export function readTimeseries({ db, clock }: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('usageRecords:read')
    .input(input)
    .output(output)
    .query(async ({ input: { workspaceId, mode, step, by, keyId, operation, outcome, ...given } }) => {
      const { from, to } = wholeSteps(spanOf(given, { from: clock(), to: clock(), mostDays: 36_600 }), step)
      if (step === 'minute') await refuseForgotten(db, from, clock())
      const environmentId = await environmentOf(db, { workspaceId, mode })
      const most = by === 'key' || by === 'operation' ? mostSeries : undefined
      const ask = { from, to, step, by: by === 'status' ? 'outcome' as const : by, keyId, operation, outcome, most }
      const points = await readInTime(db, (tx) => usage.readSeries(tx, environmentId, ask))
      const named = by === 'status' ? points.map((point) => ({ ...point, name: statusOf(point.name) ?? 'unknown' })) : points
      return { from: from.toISOString(), to: to.toISOString(), step, series: toSeries(named) }
    })
}

/** The steps that a span touches; refuses too many of them. */
function wholeSteps({ from, to }: Span, step: keyof typeof stepMs): Span {
  const [first, end] = [Math.floor(from.getTime() / stepMs[step]), Math.ceil(to.getTime() / stepMs[step])]
  if (end - first > mostPoints) {
    const message = `this is ${end - first} points, and ${mostPoints} are the most: choose a longer step or a shorter time`
    refuse(invalid([{ path: 'step', message }]))
  }
  return { from: new Date(first * stepMs[step]), to: new Date(end * stepMs[step]) }
}

/** Minutes are forgotten first: a time of which they are gone is refused, rather than answered with none. */
async function refuseForgotten(db: Db, from: Date, now: Date): Promise<void> {
  const retention = await usage.readRetention(db)
  const firstOpen = new Date(usage.firstOpenDay('usage_minutes', now, retention))
  if (from >= firstOpen) return
  const message = `minutes are kept for ${retention.minuteDays} days, from ${firstOpen.toISOString()} on: choose the step hour or day`
  refuse(invalid([{ path: 'from', message }]))
}

function toSeries(points: readonly usage.SeriesPoint[]): Series[] {
  const series = new Map<string, { requests: number; points: Map<number, number> }>()
  for (const { at, name, requests } of points) {
    const one = series.get(name) ?? { requests: 0, points: new Map<number, number>() }
    one.requests += requests
    one.points.set(at.getTime(), (one.points.get(at.getTime()) ?? 0) + requests)
    series.set(name, one)
  }
  return [...series]
    .map(([name, { requests, points: sums }]) => ({
      name: name === '' ? 'all' : name,
      requests,
      points: [...sums].map(([at, sum]) => ({ at: new Date(at).toISOString(), requests: sum })),
    }))
    .sort((a, b) => Number(a.name === 'others') - Number(b.name === 'others') || b.requests - a.requests)
}
