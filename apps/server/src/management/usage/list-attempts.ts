import { idSchema, line, timestamp } from '@letterlock/contract'
import { usage } from '@letterlock/db'
import { z } from 'zod'
import type { ManagementDeps } from '../context.ts'
import { procedureFor } from '../procedure.ts'
import { readInTime } from '../read-in-time.ts'
import { dayMs, spanInput, spanOf } from './span.ts'

const input = z.strictObject({
  ...spanInput,
  sourceIp: line(64).optional(),
  claimedKeyId: idSchema('key').optional(),
  limit: z.number().int().min(1).max(100).default(20),
})

const attempts = z.strictObject({
  /** `other` for the sources beyond what a node keeps apart. */
  sourceIp: z.string(),
  reason: z.string(),
  /** What the key claimed to be; nothing proves it. */
  claimedKeyId: idSchema('key').nullable(),
  attempts: z.number().int(),
  lastAt: timestamp,
})

/** Who asked without proving a key, most attempts first. They belong to no workspace, for nothing about them is proven. */
export function listAttempts({ db, clock }: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('usageRecords:read')
    .input(input)
    .output(z.strictObject({ from: timestamp, to: timestamp, data: z.array(attempts) }))
    .query(async ({ input: { sourceIp, claimedKeyId, limit, ...given } }) => {
      const to = given.to === undefined ? new Date(clock().getTime() + 1) : new Date(given.to)
      const span = spanOf(given, { from: new Date(to.getTime() - dayMs), to, mostDays: 31 })
      const rows = await readInTime(db, (tx) => usage.listAttempts(tx, { ...span, limit, sourceIp, claimedKeyId }))
      const data = rows.map(({ lastAt, ...row }) => ({ ...row, lastAt: lastAt.toISOString() }))
      return { from: span.from.toISOString(), to: span.to.toISOString(), data }
    })
}
