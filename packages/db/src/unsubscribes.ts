/** What the unsubscribe link of a campaign does. */
import type { ContactId, EnvironmentId, ListId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import { findContact } from './contacts.ts'
import { lockLists } from './list-members.ts'
import { lockMeter } from './meters.ts'
import { addSuppression } from './suppressions.ts'

/** The environment of a campaign whose id comes from a signed link, which names no tenant itself. */
export async function findEnvironmentOfCampaign(db: Db | Tx, campaignId: string): Promise<EnvironmentId | null> {
  const row = await db.selectFrom('campaigns').select('environment_id').where('id', '=', campaignId).executeTakeFirst()
  return (row?.environment_id as EnvironmentId | undefined) ?? null // stored as issued
}

/**
 * Takes the address that a campaign was mailed to off the lists of the campaign and notes the will of its owner, be the
 * contact of that address another one today, or none. A contact that was renamed since leaves too. A campaign without
 * lists suppresses the address instead. Doing it again changes nothing.
 *
 * Locks are taken as by {@link saveContacts}: contacts, then lists, then members. The contact is locked against whoever
 * deletes him or adds him to a list; where there is none, the balance keeps him from being created meanwhile.
 */
export async function unsubscribe(
  tx: Tx, environmentId: EnvironmentId, link: { campaignId: string; contactId: string; ip: string; now: Date },
): Promise<void> {
  const { campaignId, now } = link
  const mailed = await findMailed(tx, environmentId, link)
  if (!mailed) return
  const { emailKey } = mailed
  if (mailed.listIds.length === 0) {
    await addSuppression(tx, environmentId, { emailKey, origin: 'unsubscribe', source: campaignId, now })
  } else {
    const here = await findContact(tx, environmentId, { emailKey })
    if (!here) await lockMeter(tx, environmentId, { meter: 'contacts.stored', now })
    const contacts = await lockContacts(tx, environmentId, { ...link, emailKey })
    const listIds = [...(await lockLists(tx, environmentId, mailed.listIds))]
    const emailKeys = [...new Set([emailKey, ...contacts.map((contact) => contact.emailKey)])]
    await leaveLists(tx, environmentId, { ...link, contactIds: contacts.map(({ id }) => id), listIds, emailKeys })
  }
  await tx
    .updateTable('campaign_recipients')
    .set({ unsubscribed_at: sql`coalesce(unsubscribed_at, ${now})` })
    .where('environment_id', '=', environmentId)
    .where('campaign_id', '=', campaignId)
    .where('contact_id', '=', link.contactId)
    .execute()
}

/** The address in the ledger of the campaign, and the lists it was sent to. */
async function findMailed(
  tx: Tx, environmentId: EnvironmentId, { campaignId, contactId }: { campaignId: string; contactId: string },
): Promise<{ emailKey: string; listIds: ListId[] } | null> {
  const { rows } = await sql<{ emailKey: string; listIds: ListId[] }>`
    select r.email_key as "emailKey", c.list_ids as "listIds"
    from campaign_recipients r join campaigns c on c.environment_id = r.environment_id and c.id = r.campaign_id
    where r.environment_id = ${environmentId} and r.campaign_id = ${campaignId} and r.contact_id = ${contactId}
  `.execute(tx)
  return rows[0] ?? null
}

async function lockContacts(
  tx: Tx, environmentId: EnvironmentId, { contactId, emailKey }: { contactId: string; emailKey: string },
): Promise<{ id: ContactId; emailKey: string }[]> {
  const { rows } = await sql<{ id: ContactId; emailKey: string }>`
    select id, email_key as "emailKey" from contacts
    where environment_id = ${environmentId} and (id = ${contactId} or email_key = ${emailKey})
    order by email_key for update
  `.execute(tx)
  return rows
}

async function leaveLists(
  tx: Tx,
  environmentId: EnvironmentId,
  leaving: { contactIds: ContactId[]; listIds: ListId[]; emailKeys: string[]; ip: string; now: Date },
): Promise<void> {
  const { contactIds, listIds, emailKeys, ip, now } = leaving
  await sql`
    with leaving as (
      select list_id, contact_id from list_members
      where environment_id = ${environmentId} and list_id = any(${listIds}::text[])
        and contact_id = any(${contactIds}::text[]) and status <> 'unsubscribed'
      order by list_id, contact_id for update
    ), left_lists as (
      update list_members m set status = 'unsubscribed', updated_at = ${now} from leaving
      where m.environment_id = ${environmentId} and m.list_id = leaving.list_id and m.contact_id = leaving.contact_id
      returning m.list_id, m.contact_id
    ), opted_out as (
      insert into opt_outs (environment_id, list_id, email_key, created_at)
      select ${environmentId}, list_id, email_key, ${now}::timestamptz
      from unnest(${listIds}::text[]) list_id cross join unnest(${emailKeys}::text[]) email_key
      order by list_id collate "C", email_key collate "C"
      on conflict do nothing
    )
    insert into consent_events (environment_id, contact_id, at, list_id, status, source, ip)
    select ${environmentId}, contact_id, ${now}::timestamptz, list_id, 'unsubscribed', 'one_click', ${ip}::text from left_lists
    on conflict do nothing
  `.execute(tx)
}
