import { type Db, idempotencyKeys, limitLeases, revisions, usage } from '@letterlock/db'

/**
 * Removes what has outlived its time: stored answers of POST requests, the ids of saved usage batches, whole days of
 * usage, empty buckets of rate limits, and what changed in the control plane long ago. Makes the partitions of the days to come.
 */
export async function sweep(db: Db, now: Date): Promise<void> {
  await usage.createPartitionsAhead(db, now)
  await usage.dropOldPartitions(db, now)
  const before = new Date(now.getTime() - idempotencyKeys.keptForMs)
  while ((await idempotencyKeys.deleteOldIdempotencyKeys(db, before)) > 0);
  await usage.deleteOldBatches(db, before)
  await limitLeases.deleteDrained(db)
  await revisions.pruneChangeLog(db, { before: new Date(now.getTime() - changesKeptForMs) })
}

// a node that was cut off for longer drops all that it holds
const changesKeptForMs = 3_600_000
