/** Addresses that must not be mailed, whatever list they are on. */
import type { EnvironmentId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'

export type SuppressionOrigin = 'bounce' | 'complaint' | 'unsubscribe' | 'manual'

/** Which of the normalised addresses must not be mailed: suppressed, or of people who were erased. */
export async function listSuppressedKeys(
  db: Db | Tx,
  environmentId: EnvironmentId,
  emailKeys: readonly string[],
): Promise<Set<string>> {
  const { rows } = await sql<{ emailKey: string }>`
    select k.email_key as "emailKey" from unnest(${emailKeys}::text[]) as k (email_key)
    where exists (select from suppressions s where s.environment_id = ${environmentId} and s.email_key = k.email_key)
      or exists (select from erasures e where e.environment_id = ${environmentId} and e.digest = erased_digest(${environmentId}, k.email_key))
  `.execute(db)
  return new Set(rows.map((row) => row.emailKey))
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

/** Suppresses those of the addresses whose owners were erased: they have come back as contacts, they are not mailed. */
export async function suppressErased(
  tx: Tx,
  environmentId: EnvironmentId,
  { emailKeys, now }: { readonly emailKeys: readonly string[]; readonly now: Date },
): Promise<void> {
  await sql`
    insert into suppressions (environment_id, email_key, origin, created_at)
    select e.environment_id, k.email_key, 'erasure', ${now}::timestamptz
    from unnest(${emailKeys}::text[]) as k (email_key)
    join erasures e on e.environment_id = ${environmentId} and e.digest = erased_digest(${environmentId}, k.email_key)
    order by k.email_key collate "C"
    on conflict do nothing
  `.execute(tx)
}
