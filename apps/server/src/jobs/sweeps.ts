import { type Db, idempotencyKeys, usage } from '@letterlock/db'

/** Removes what has outlived its time: stored answers of POST requests, and the ids of saved usage batches. */
export async function sweep(db: Db, now: Date): Promise<void> {
  const before = new Date(now.getTime() - idempotencyKeys.keptForMs)
  while ((await idempotencyKeys.deleteOldIdempotencyKeys(db, before)) > 0);
  await usage.deleteOldBatches(db, before)
}
