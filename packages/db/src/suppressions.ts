/** Addresses that must not be mailed, whatever list they are on. */
import type { EnvironmentId } from '@letterlock/contract'
import type { Db, Tx } from './connect.ts'

export type SuppressionOrigin = 'bounce' | 'complaint' | 'unsubscribe' | 'manual'

/** Which of the normalised addresses are suppressed. */
export async function listSuppressedKeys(
  db: Db | Tx,
  environmentId: EnvironmentId,
  emailKeys: readonly string[],
): Promise<Set<string>> {
  const rows = await db
    .selectFrom('suppressions')
    .select('email_key')
    .where('environment_id', '=', environmentId)
    .where('email_key', '=', (eb) => eb.fn.any(eb.val(emailKeys)))
    .execute()
  return new Set(rows.map((row) => row.email_key))
}

/** Suppresses an address; returns false when it was suppressed before (the first origin stays). */
export async function addSuppression(
  tx: Tx,
  environmentId: EnvironmentId,
  suppression: {
    readonly emailKey: string
    readonly origin: SuppressionOrigin
    /** What led to it, such as the id of a campaign. */
    readonly source?: string | null
    readonly now: Date
  },
): Promise<boolean> {
  const { emailKey, origin, source = null, now } = suppression
  const added = await tx
    .insertInto('suppressions')
    .values({ environment_id: environmentId, email_key: emailKey, origin, source, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('email_key')
    .executeTakeFirst()
  return added !== undefined
}
