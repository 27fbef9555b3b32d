import { type Db, idempotencyKeys } from '@letterlock/db'

/** Removes what has outlived its time: stored answers of POST requests after 24 hours. */
export async function sweep(db: Db, now: Date): Promise<void> {
  await idempotencyKeys.deleteOldIdempotencyKeys(db, new Date(now.getTime() - idempotencyKeys.keptForMs))
}
