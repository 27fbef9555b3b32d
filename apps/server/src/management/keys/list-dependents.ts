import { idSchema, timestamp } from '@letterlock/contract'
import { keys, keyTraffic } from '@letterlock/db'
import { z } from 'zod'
import type { ManagementDeps } from '../context.ts'
import { noSuchKey } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { readInTime } from '../read-in-time.ts'
import { refuse } from '../refuse.ts'
import { sdkOf } from '../secrets/caller-answer.ts'

const callersAtMost = 1_000

const output = z.strictObject({
  from: timestamp,
  to: timestamp,
  requests: z.number().int(),
  /** Who came last first: an address with a program. */
  callers: z.array(z.strictObject({
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    /** When the user agent begins with one of ours. */
    sdk: z.strictObject({ name: z.string(), version: z.string() }).nullable(),
    operations: z.array(z.strictObject({ operation: z.string(), requests: z.number().int() })),
    requests: z.number().int(),
    firstSeenAt: timestamp,
    lastSeenAt: timestamp,
  })),
  /** There were more than are looked at. */
  isComplete: z.boolean(),
})

/** What breaks when a key ends: who used it in the last days, from where, with what, and for what. */
export function listDependents({ db, clock }: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('usageRecords:read')
    .input(z.strictObject({ keyId: idSchema('key'), days: z.number().int().min(1).max(90).default(30) }))
    .output(output)
    .query(({ input: { keyId, days } }) => readInTime(db, async (tx) => {
      const workspaceId = (await keys.findWorkspaceOfKey(tx, keyId)) ?? refuse(noSuchKey)
      const row = (await keys.findKey(tx, workspaceId, keyId)) ?? refuse(noSuchKey)
      const now = clock()
      const from = new Date(Math.max(now.getTime() - days * 86_400_000, row.created_at.getTime()))
      const to = new Date(now.getTime() + 1)
      const found = await keyTraffic.listCallers(tx, row.environment_id, { keyId, from, to, limit: callersAtMost })
      const counts = found.slice(0, callersAtMost)
      const ofCaller = Map.groupBy(counts, ({ ip, userAgent }) => JSON.stringify([ip, userAgent]))
      return {
        from: from.toISOString(),
        to: now.toISOString(),
        requests: sumOf(counts),
        callers: [...ofCaller.values()].map(toCaller),
        isComplete: found.length <= callersAtMost,
      }
    }))
}

function toCaller(counts: readonly keyTraffic.CallerCount[]): z.output<typeof output>['callers'][number] {
  const { ip = null, userAgent = null } = counts[0] ?? {}
  const first = Math.min(...counts.map(({ firstSeenAt }) => firstSeenAt.getTime()))
  const last = Math.max(...counts.map(({ lastSeenAt }) => lastSeenAt.getTime()))
  return {
    ip, userAgent,
    sdk: sdkOf(userAgent),
    operations: counts.map(({ operation, requests }) => ({ operation, requests })).sort((one, other) => other.requests - one.requests),
    requests: sumOf(counts),
    firstSeenAt: new Date(first).toISOString(),
    lastSeenAt: new Date(last).toISOString(),
  }
}

function sumOf(counts: readonly keyTraffic.CallerCount[]): number {
  return counts.reduce((sum, { requests }) => sum + requests, 0)
}
