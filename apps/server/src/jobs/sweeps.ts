import { accessTokens, type Db, idempotencyKeys, leaks, limitLeases, revisions, secretShares, usage } from '@letterlock/db'
import { changePlans } from './plans/change-plans.ts'
import { closeStatements } from './plans/close-statements.ts'
import { settleSpendCaps } from './plans/settle-spend-caps.ts'
import { lookAtKeys } from './policies/look-at-keys.ts'
import { alertQuotas } from './quotas/alert-quotas.ts'
import { retireSecrets } from './secrets/retire-secrets.ts'
import { lookForUnusualUse } from './unusual/look-for-unusual-use.ts'

export interface SweepDeps {
  readonly db: Db
  readonly clock: () => Date
}

/** What the passing of time asks for, by name. Each may run on several nodes at once, and does a thing once all the same. */
const sweeps: Readonly<Record<string, (deps: SweepDeps) => Promise<void>>> = { changePlans, settleSpendCaps, closeStatements, alertQuotas, forget, retireSecrets, lookAtKeys, lookForUnusualUse }

/** Runs every sweep, one after the other; one that fails keeps none of the others from running. */
export async function sweep(deps: SweepDeps, onError: (error: unknown, name: string) => void): Promise<void> {
  for (const [name, run] of Object.entries(sweeps)) await run(deps).catch((error: unknown) => onError(error, name))
}

/**
 * Removes what has outlived its time: stored answers of POST requests, the ids of saved usage batches, whole days of
 * usage, empty buckets of rate limits, secrets that nobody fetched, access tokens long expired, and what changed in the control plane long ago. Makes the partitions of the days to come.
 */
async function forget({ db, clock }: SweepDeps): Promise<void> {
  const now = clock()
  await usage.createPartitionsAhead(db, now)
  await usage.dropOldPartitions(db, now)
  const before = new Date(now.getTime() - idempotencyKeys.keptForMs)
  while ((await idempotencyKeys.deleteOldIdempotencyKeys(db, before)) > 0);
  await usage.deleteOldBatches(db, before)
  await limitLeases.deleteDrained(db)
  await secretShares.forgetExpiredShares(db, now)
  await leaks.deleteOldMessages(db, new Date(now.getTime() - messagesKeptForMs))
  while ((await accessTokens.deleteExpiredTokens(db, new Date(now.getTime() - tokensKeptForMs))) > 0);
  await revisions.pruneChangeLog(db, { before: new Date(now.getTime() - changesKeptForMs) })
}

// nobody sends a copy later than that for a reason
const messagesKeptForMs = 30 * 86_400_000

// so long an expired token is told from one that never was
const tokensKeptForMs = 86_400_000

// a node that was cut off for longer drops all that it holds
const changesKeptForMs = 3_600_000
