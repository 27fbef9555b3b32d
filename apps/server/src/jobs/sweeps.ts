import { type Db, idempotencyKeys, usage } from '@letterlock/db'

/**
 * Removes what has outlived its time: stored answers of POST requests, the ids of saved usage batches, and whole days of
 * usage. Makes the partitions of the days to come.
 */
export async function sweep(db: Db, now: Date): Promise<void> {
  await usage.createPartitionsAhead(db, now)
  await usage.dropOldPartitions(db, now)
  const before = new Date(now.getTime() - idempotencyKeys.keptForMs)
  while ((await idempotencyKeys.deleteOldIdempotencyKeys(db, before)) > 0);
  await usage.deleteOldBatches(db, before)
}
