import { idSchema, moment, timestamp } from '@letterlock/contract'
import { keys, secretUses, secretVersions } from '@letterlock/db'
import { z } from 'zod'
import type { ManagementDeps } from '../context.ts'
import { noSuchKey } from '../not-found.ts'
import { procedureFor } from '../procedure.ts'
import { refuse } from '../refuse.ts'
import { secretCaller, toSecretCaller } from '../secrets/caller-answer.ts'

const callersAtMost = 100

const output = z.strictObject({
  /** What was looked at begins here: `since`, or later when more was recorded than is looked at. */
  from: timestamp,
  isComplete: z.boolean(),
  /** The version that stays. */
  newestVersion: z.number().int(),
  /** Requests with a version that a newer one has replaced, and with the newest. */
  requests: z.strictObject({ old: z.number().int(), newest: z.number().int() }),
  /** The oldest version first, of each who used it last. */
  callers: z.array(secretCaller),
  hasMoreCallers: z.boolean(),
})

/** Who uses which secret of an API key since the last rotation, so that a team sees who still has an old one. */
export function showDrain({ db, clock }: Pick<ManagementDeps, 'db' | 'clock'>) {
  return procedureFor('keys:read')
    .input(z.strictObject({ keyId: idSchema('key'), since: moment.optional() }))
    .output(output)
    .query(async ({ input: { keyId, since } }) => {
      const workspaceId = (await keys.findWorkspaceOfKey(db, keyId)) ?? refuse(noSuchKey)
      const row = (await keys.findKey(db, workspaceId, keyId)) ?? refuse(noSuchKey)
      const [newest] = await secretVersions.listSecretVersions(db, keyId, { limit: 1 })
      const newestVersion = newest?.version ?? 1
      const from = since === undefined ? (newest?.created_at ?? row.created_at) : new Date(since)
      const uses = await secretUses.splitUses(db, row.environment_id, { keyId, from, to: clock(), limit: callersAtMost })
      const old = [...uses.requestsOf].filter(([version]) => version < newestVersion).reduce((sum, [, requests]) => sum + requests, 0)
      return {
        from: uses.from.toISOString(),
        isComplete: uses.from <= from,
        newestVersion,
        requests: { old, newest: uses.requestsOf.get(newestVersion) ?? 0 },
        callers: uses.callers.slice(0, callersAtMost).map((caller) => toSecretCaller(caller, newestVersion)),
        hasMoreCallers: uses.callers.length > callersAtMost,
      }
    })
}
