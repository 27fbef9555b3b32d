import { idSchema, moment, timestamp } from '@letterlock/contract'
import { keys, keyTraffic } from '@letterlock/db'
import { z } from 'zod'
import { networkOf } from '../advice/advise.ts'
import type { ManagementDeps } from '../context.ts'
import { noSuchKey } from '../not-found.ts'
import { scopeOf } from '../policies/what-if/judges.ts'
import { procedureFor } from '../procedure.ts'
import { readInTime } from '../read-in-time.ts'
import { refuse } from '../refuse.ts'

const callersAtMost = 5_000
const lookBackMs = 30 * 86_400_000

const output = z.strictObject({
  from: timestamp,
  to: timestamp,
  requests: z.number().int(),
  /** The most first. */
  operations: z.array(z.strictObject({ operation: z.string(), scope: z.string().nullable(), requests: z.number().int() })),
  /** What those operations need. */
  scopes: z.array(z.string()),
  /** Who came last first; of a new one the key did not come in the 30 days before `from`. */
  networks: z.array(z.strictObject({
    range: z.string().nullable(), isNew: z.boolean(), requests: z.number().int(), firstSeenAt: timestamp, lastSeenAt: timestamp,
    userAgents: z.array(z.string()),
  })),
  /** What was sent: requests to `emails.send` and `campaigns.send`, whatever became of them. */
  mailings: z.strictObject({ emails: z.number().int(), campaigns: z.number().int() }),
  /** False: there was more than is looked at, so everything here is a part. */
  isComplete: z.boolean(),
})

type Network = z.output<typeof output>['networks'][number]

/** What was done with a key since a moment, such as that of its leak: how much, what, from where, and which networks are new. */
export function showBlastRadius({ db, clock }: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('usageRecords:read')
    .input(z.strictObject({ keyId: idSchema('key'), since: moment }))
    .output(output)
    .query(({ input: { keyId, since } }) => readInTime(db, async (tx) => {
      const workspaceId = (await keys.findWorkspaceOfKey(tx, keyId)) ?? refuse(noSuchKey)
      const { environment_id: environmentId } = (await keys.findKey(tx, workspaceId, keyId)) ?? refuse(noSuchKey)
      const [from, now] = [new Date(since), clock()]
      const read = (span: { from: Date; to: Date }) => keyTraffic.listCallers(tx, environmentId, { keyId, ...span, limit: callersAtMost })
      const found = await read({ from, to: new Date(now.getTime() + 1) })
      const before = await read({ from: new Date(from.getTime() - lookBackMs), to: from })
      const counts = found.slice(0, callersAtMost)
      const operations = operationsOf(counts)
      const sumOfOperation = (name: string) => operations.find(({ operation }) => operation === name)?.requests ?? 0
      return {
        from: from.toISOString(),
        to: now.toISOString(),
        requests: sumOf(counts),
        operations,
        scopes: [...new Set(operations.flatMap(({ scope }) => scope ?? []))].sort(),
        networks: networksOf(counts, new Set(before.map(({ ip }) => networkOf(ip)))),
        mailings: { emails: sumOfOperation('emails.send'), campaigns: sumOfOperation('campaigns.send') },
        isComplete: found.length <= callersAtMost && before.length <= callersAtMost,
      }
    }))
}

function operationsOf(counts: readonly keyTraffic.CallerCount[]) {
  return [...Map.groupBy(counts, ({ operation }) => operation)]
    .map(([operation, rows]) => ({ operation, scope: scopeOf(operation), requests: sumOf(rows) }))
    .sort((one, other) => other.requests - one.requests)
}

function networksOf(counts: readonly keyTraffic.CallerCount[], known: ReadonlySet<string | null>): Network[] {
  return [...Map.groupBy(counts, ({ ip }) => networkOf(ip))].map(([range, rows]): Network => ({
    range,
    isNew: !known.has(range),
    requests: sumOf(rows),
    firstSeenAt: new Date(Math.min(...rows.map(({ firstSeenAt }) => firstSeenAt.getTime()))).toISOString(),
    lastSeenAt: new Date(Math.max(...rows.map(({ lastSeenAt }) => lastSeenAt.getTime()))).toISOString(),
    userAgents: [...new Set(rows.flatMap(({ userAgent }) => userAgent ?? []))].slice(0, 20),
  })).sort((one, other) => other.lastSeenAt.localeCompare(one.lastSeenAt))
}

function sumOf(counts: readonly keyTraffic.CallerCount[]): number {
  return counts.reduce((sum, { requests }) => sum + requests, 0)
}
