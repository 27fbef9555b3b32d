import { idSchema, timestamp } from '@letterlock/contract'
import { meters, usageSummary } from '@letterlock/db'
import { z } from 'zod'
import type { ManagementDeps } from '../context.ts'
import { procedureFor } from '../procedure.ts'
import { readInTime } from '../read-in-time.ts'
import { classOf, type OutcomeClass, statusOf } from './outcome-status.ts'
import { spanInput, spanOf } from './span.ts'
import { environmentOf, usageScope } from './usage-scope.ts'

const count = z.number().int()

const output = z.strictObject({
  from: timestamp,
  to: timestamp,
  /** `limit` and `resetsAt` are null where no quota is. */
  meters: z.array(z.strictObject({ meter: z.string(), used: count, limit: count.nullable(), resetsAt: timestamp.nullable() })),
  days: z.array(z.strictObject({ day: z.string(), meter: z.string(), used: count })),
  requests: z.strictObject({
    total: count, served: count, rejected: count, refused: count, limited: count, failed: count,
    /** So many of the total have no record in `usage.requests`. */
    dropped: count,
  }),
  outcomes: z.array(z.strictObject({ outcome: z.string(), status: z.string().nullable(), requests: count })),
  topKeys: z.array(z.strictObject({ keyId: idSchema('key'), name: z.string().nullable(), requests: count })),
  topOperations: z.array(z.strictObject({ operation: z.string(), requests: count })),
})

/** What an environment used: meters with their quotas, requests by outcome, the busiest keys and operations. */
export function summarizeUsage({ db, clock }: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('usageRecords:read')
    .input(z.strictObject({ ...usageScope, ...spanInput }))
    .output(output)
    .query(async ({ input }) => {
      const now = clock()
      const environmentId = await environmentOf(db, input)
      const month = meters.meterPeriod('api.requests', now)
      const { from, to } = spanOf(input, { from: month.start, to: month.resetsAt ?? now, mostDays: 400 })
      const read = await readInTime(db, (tx) => usageSummary.readSummary(tx, input.workspaceId, { environmentId, from, to, now, top: 10 }))
      return { from: from.toISOString(), to: to.toISOString(), ...toSummary(read) }
    })
}

function toSummary({ meters: taken, series, outcomes, keys, operations, dropped }: usageSummary.UsageSummary): Omit<z.input<typeof output>, 'from' | 'to'> {
  return {
    meters: taken.map(({ resetsAt, ...meter }) => ({ ...meter, resetsAt: resetsAt?.toISOString() ?? null })),
    days: [...series],
    requests: { ...sumByClass(outcomes), dropped },
    outcomes: outcomes.map(({ name, requests }) => ({ outcome: name, status: statusOf(name), requests })),
    topKeys: keys.map(({ name, keyName, requests }) => ({ keyId: name as z.output<ReturnType<typeof idSchema<'key'>>>, name: keyName, requests })), // as it was written
    topOperations: operations.map(({ name, requests }) => ({ operation: name, requests })),
  }
}

function sumByClass(outcomes: usageSummary.UsageSummary['outcomes']): Record<OutcomeClass | 'total', number> {
  const sums = { total: 0, served: 0, rejected: 0, refused: 0, limited: 0, failed: 0 }
  for (const { name, requests } of outcomes) {
    sums.total += requests
    sums[classOf(name)] += requests
  }
  return sums
}
