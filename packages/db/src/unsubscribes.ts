/** What the unsubscribe link of a campaign does. */
import type { EnvironmentId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import { addSuppression } from './suppressions.ts'

/** The environment of a campaign whose id comes from a signed link, which names no tenant itself. */
export async function findEnvironmentOfCampaign(db: Db | Tx, campaignId: string): Promise<EnvironmentId | null> {
  const row = await db.selectFrom('campaigns').select('environment_id').where('id', '=', campaignId).executeTakeFirst()
  return (row?.environment_id as EnvironmentId | undefined) ?? null // stored as issued
}

/**
 * Takes a contact off the lists of a campaign and notes his will. A campaign without lists suppresses the
 * address instead. Doing it again changes nothing.
 */
export async function unsubscribe(
  tx: Tx, environmentId: EnvironmentId, link: { campaignId: string; contactId: string; ip: string; now: Date },
): Promise<void> {
  const { campaignId, contactId, ip, now } = link
  await sql`
    with left_lists as (
      update list_members m set status = 'unsubscribed', updated_at = ${now}
      from campaigns c
      where c.environment_id = ${environmentId} and c.id = ${campaignId}
        and m.environment_id = ${environmentId} and m.contact_id = ${contactId}
        and m.list_id = any(c.list_ids) and m.status <> 'unsubscribed'
      returning m.list_id
    )
    insert into consent_events (environment_id, contact_id, at, list_id, status, source, ip)
    select ${environmentId}, ${contactId}, ${now}::timestamptz, list_id, 'unsubscribed', 'one_click', ${ip}::text from left_lists
    on conflict do nothing
  `.execute(tx)
  const { rows } = await sql<{ email_key: string; has_lists: boolean }>`
    update campaign_recipients r set unsubscribed_at = coalesce(r.unsubscribed_at, ${now})
    from campaigns c
    where c.environment_id = ${environmentId} and c.id = ${campaignId}
      and r.environment_id = ${environmentId} and r.campaign_id = ${campaignId} and r.contact_id = ${contactId}
    returning r.email_key, cardinality(c.list_ids) > 0 as has_lists
  `.execute(tx)
  const recipient = rows[0]
  if (recipient === undefined || recipient.has_lists) return
  await addSuppression(tx, environmentId, { emailKey: recipient.email_key, origin: 'unsubscribe', source: campaignId, now })
}
