/** For how long usage is kept: a setting of the installation that every node reads from here. */
import type { Db, Tx } from './connect.ts'

/** How many days are kept beside today's; hours and days of the roll-ups are kept for ever. */
export interface UsageRetention {
  /** Each request as it was. */
  readonly requestDays: number
  readonly minuteDays: number
  /** Requests that proved no key. */
  readonly attemptDays: number
}

/** As it is now. */
export async function readRetention(db: Db | Tx): Promise<UsageRetention> {
  return toRetention(await select(db).executeTakeFirstOrThrow())
}

/** Keeps it as it is until the transaction ends; many may at once. */
export async function holdRetention(tx: Tx): Promise<UsageRetention> {
  return toRetention(await select(tx).forShare().executeTakeFirstOrThrow())
}

/** Waits until no partition is being dropped by it any more, and keeps it for a change. */
export async function lockRetention(tx: Tx): Promise<UsageRetention> {
  return toRetention(await select(tx).forUpdate().executeTakeFirstOrThrow())
}

export async function setRetention(tx: Tx, { requestDays, minuteDays, attemptDays }: UsageRetention, now: Date): Promise<void> {
  await tx
    .updateTable('usage_retention')
    .set({ request_days: requestDays, minute_days: minuteDays, attempt_days: attemptDays, changed_at: now })
    .execute()
}

function select(db: Db | Tx) {
  return db.selectFrom('usage_retention').select(['request_days', 'minute_days', 'attempt_days'])
}

function toRetention(row: { request_days: number; minute_days: number; attempt_days: number }): UsageRetention {
  return { requestDays: row.request_days, minuteDays: row.minute_days, attemptDays: row.attempt_days }
}
