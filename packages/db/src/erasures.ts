/** The right to be forgotten: what was stored of a person goes, a hash of his address stays so that nobody mails him again. */
import type { ContactId, EnvironmentId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Tx } from './connect.ts'
import type { ContactName } from './contacts.ts'
import { giveMeter, lockMeter } from './meters.ts'
import { messagesTo, type Person } from './person-records.ts'

/** What was erased. */
export interface Erased {
  readonly state: 'erased'
  /** Whether there was a contact. */
  readonly contact: boolean
  /** Messages of campaigns, sent or not, that no longer say whom they were to. */
  readonly campaignMessages: number
  /** Transactional e-mails that no longer name him. */
  readonly emails: number
}

/**
 * Erases one person: the contact with his memberships, his address in the ledgers, the texts of e-mails to him, opt-outs
 * and suppressions by address. Messages that wait become suppressed. An address needs no contact to be erased.
 *
 * 'in_flight': a message to him is being handed over at this moment, its result has yet to find its row.
 *
 * Locks are taken as by saveContacts: the balance, then the contact; then campaigns and their ledger. Whoever creates a contact of the
 * address meanwhile waits for the balance and sees the hash.
 */
export async function erasePerson(
  tx: Tx,
  environmentId: EnvironmentId,
  erasure: { readonly name: ContactName; readonly reference: string; readonly now: Date },
): Promise<Erased | { readonly state: 'not_found' | 'in_flight' }> {
  const { name, reference, now } = erasure
  await lockMeter(tx, environmentId, { meter: 'contacts.stored', now })
  const contact = await lockContact(tx, environmentId, name)
  const emailKey = contact?.emailKey ?? ('emailKey' in name ? name.emailKey : null)
  if (emailKey === null) return { state: 'not_found' }
  const contactId = contact?.id ?? null
  await holdFreezes(tx, environmentId)
  const emailKeys = await addressesOf(tx, environmentId, { contactId, emailKey })
  const campaignMessages = await eraseRecipients(tx, environmentId, { contactId, emailKeys })
  const emails = await eraseEmails(tx, environmentId, emailKeys)
  if (campaignMessages === 'in_flight' || emails === 'in_flight') return { state: 'in_flight' }
  await forget(tx, environmentId, { contactId, emailKeys, now })
  if (contact) await giveMeter(tx, environmentId, { meter: 'contacts.stored', amount: 1, reference, now })
  return { state: 'erased', contact: contact !== null, campaignMessages, emails }
}

interface Named {
  readonly id: ContactId
  readonly emailKey: string
}

async function lockContact(tx: Tx, environmentId: EnvironmentId, name: ContactName): Promise<Named | null> {
  const is = 'id' in name ? sql`id = ${name.id}` : sql`email_key = ${name.emailKey}`
  const { rows } = await sql<Named>`
    select id, email_key as "emailKey" from contacts where environment_id = ${environmentId} and ${is} for update
  `.execute(tx)
  return rows[0] ?? null
}

/** The race: a freeze that read the contact before us would write his address after us. It ends first, another begins later. */
async function holdFreezes(tx: Tx, environmentId: EnvironmentId): Promise<void> {
  await sql`
    select from campaigns where environment_id = ${environmentId} and status = 'sending' and frozen_at is null order by id for share
  `.execute(tx)
}

/** His address, and those that campaigns mailed him at before he was renamed, unless somebody else has them today. */
async function addressesOf(
  tx: Tx, environmentId: EnvironmentId, { contactId, emailKey }: { contactId: ContactId | null; emailKey: string },
): Promise<string[]> {
  const { rows } = await sql<{ emailKey: string }>`
    select distinct r.email_key as "emailKey"
    from campaigns c join campaign_recipients r
      on r.environment_id = c.environment_id and r.campaign_id = c.id and r.contact_id = ${contactId}
    where c.environment_id = ${environmentId} and not exists (
      select from contacts o where o.environment_id = c.environment_id and o.email_key = r.email_key and o.id <> r.contact_id)
  `.execute(tx)
  return [...new Set([emailKey, ...rows.map((row) => row.emailKey)])]
}

/** Rows of the ledger stay, since statistics count them, under a hash in place of the address. */
async function eraseRecipients(tx: Tx, environmentId: EnvironmentId, { contactId, emailKeys }: Person): Promise<number | 'in_flight'> {
  const { rows } = await sql<{ campaignId: string; contactId: string; state: string }>`
    select r.campaign_id as "campaignId", r.contact_id as "contactId", r.state from campaign_recipients r
    where r.environment_id = ${environmentId} and (r.campaign_id, r.contact_id) in (${messagesTo(environmentId, { contactId, emailKeys })})
    order by r.campaign_id, r.contact_id for update
  `.execute(tx)
  if (rows.some(({ state }) => state === 'attempting')) return 'in_flight'
  await sql`
    update campaign_recipients r set
      email = 'erased',
      email_key = 'erased:' || encode(erased_digest(r.environment_id, r.email_key), 'hex'),
      state = case when r.state in ('queued', 'claimed') then 'suppressed' else r.state end,
      -- what a mail server said may repeat the address
      reason = case when r.state in ('queued', 'claimed') or r.reason is not null then 'erased' end,
      lease_owner = null, lease_until = null
    from unnest(${rows.map((row) => row.campaignId)}::text[], ${rows.map((row) => row.contactId)}::text[]) as v (campaign_id, contact_id)
    where r.environment_id = ${environmentId} and r.campaign_id = v.campaign_id and r.contact_id = v.contact_id
      and r.email_key not like 'erased:%'
  `.execute(tx)
  return rows.length
}

/**
 * An e-mail that waits for others too goes to them alone, with its text; every other one loses subject, text and his
 * address. One that is claimed is queued again: its sender has the old recipients, and the claim is the fence.
 */
async function eraseEmails(tx: Tx, environmentId: EnvironmentId, emailKeys: readonly string[]): Promise<number | 'in_flight'> {
  const { rows } = await sql<{ id: string; state: string }>`
    select id, state from emails
    where environment_id = ${environmentId} and recipient_keys && ${emailKeys}::text[] order by id for update
  `.execute(tx)
  if (rows.some(({ state }) => state === 'attempting')) return 'in_flight'
  const ids = rows.map(({ id }) => id)
  await sql`
    with mailboxes as (
      select m.id, m.state in ('queued', 'claimed') as waits,
        array_agg(r.mailbox order by r.place) filter (where not r.is_his) as others,
        array_agg(r.key order by r.place) filter (where not r.is_his) as other_keys,
        array_agg(case when r.is_his then 'erased' else r.mailbox end order by r.place) as shown
      from emails m cross join lateral (
        select mailbox, key, place, key = any(${emailKeys}::text[]) as is_his
        from unnest(m.recipients, m.recipient_keys) with ordinality as u (mailbox, key, place)) r
      where m.environment_id = ${environmentId} and m.id = any(${ids}::text[])
      group by m.id, m.state
    )
    update emails m set
      recipients = case when b.waits and b.others is not null then b.others else b.shown end,
      recipient_keys = coalesce(b.other_keys, '{}'),
      state = case when not b.waits then m.state when b.others is null then 'suppressed' else 'queued' end,
      reason = case when b.waits and b.others is not null then m.reason when b.waits or m.reason is not null then 'erased' end,
      subject = case when b.waits and b.others is not null then m.subject else 'erased' end,
      html = case when b.waits and b.others is not null then m.html end,
      text = case when b.waits and b.others is not null then m.text end,
      headers = case when b.waits and b.others is not null then m.headers else '{}' end,
      lease_owner = null, lease_until = null
    from mailboxes b where m.environment_id = ${environmentId} and m.id = b.id
  `.execute(tx)
  return ids.length
}

/** That he agreed or left, and when, stays as a proof under an id which means nobody any more. */
async function forget(tx: Tx, environmentId: EnvironmentId, { contactId, emailKeys, now }: Person & { readonly now: Date }): Promise<void> {
  await sql`
    with contact as (
      delete from contacts where environment_id = ${environmentId} and id = ${contactId}
    ), consent as (
      update consent_events set ip = null where environment_id = ${environmentId} and contact_id = ${contactId}
    ), opt_out as (
      delete from opt_outs where environment_id = ${environmentId} and email_key = any(${emailKeys}::text[])
    ), suppression as (
      delete from suppressions where environment_id = ${environmentId} and email_key = any(${emailKeys}::text[])
    )
    insert into erasures (environment_id, digest, erased_at)
    select ${environmentId}, erased_digest(${environmentId}, key), ${now}::timestamptz from unnest(${emailKeys}::text[]) as k (key)
    on conflict do nothing
  `.execute(tx)
}
