/** Everything that is stored about one person, for him to read (GDPR, article 15). */
import type { ContactId, EnvironmentId, ListId } from '@letterlock/contract'
import { type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import { type Contact, type ContactName, findContact } from './contacts.ts'

/** What he agreed to or withdrew. */
export interface ConsentEvent {
  readonly at: Date
  readonly listId: ListId
  readonly status: 'subscribed' | 'unconfirmed' | 'unsubscribed' | 'removed'
  /** Who or what noted it, such as `api` or a form. */
  readonly source: string
  readonly ip: string | null
  /** What he was asked, in the words he saw. */
  readonly wording: string | null
}

/** One message of a campaign. */
export interface CampaignMessage {
  readonly campaignId: string
  readonly subject: string
  readonly email: string
  readonly state: string
  readonly reason: string | null
  readonly sentAt: Date | null
  readonly deliveredAt: Date | null
  readonly bouncedAt: Date | null
  readonly complainedAt: Date | null
  readonly unsubscribedAt: Date | null
}

/** One transactional e-mail. */
export interface PersonalEmail {
  readonly id: string
  readonly subject: string
  readonly html: string | null
  readonly text: string | null
  readonly state: string
  readonly createdAt: Date
  readonly sentAt: Date | null
}

export interface PersonRecord {
  readonly contact: Contact
  readonly suppression: { readonly origin: string; readonly createdAt: Date } | null
  readonly optOuts: readonly { readonly listId: ListId; readonly createdAt: Date }[]
  /** Each newest first. */
  readonly consent: readonly ConsentEvent[]
  readonly campaignMessages: readonly CampaignMessage[]
  readonly emails: readonly PersonalEmail[]
}

/** The record of a contact with so many rows of each kind at most, or null when the environment has none of that name. */
export async function findPersonRecord(
  db: Db | Tx, environmentId: EnvironmentId, { name, most }: { readonly name: ContactName; readonly most: number },
): Promise<PersonRecord | null> {
  const contact = await findContact(db, environmentId, name)
  if (!contact) return null
  const { id, emailKey } = contact
  const suppression = await db
    .selectFrom('suppressions').select(['origin', 'created_at as createdAt'])
    .where('environment_id', '=', environmentId).where('email_key', '=', emailKey).executeTakeFirst()
  return {
    contact,
    suppression: suppression ?? null,
    optOuts: await listOptOuts(db, environmentId, { emailKey, most }),
    consent: await listConsent(db, environmentId, { contactId: id, most }),
    campaignMessages: await listCampaignMessages(db, environmentId, { contactId: id, emailKeys: [emailKey], most }),
    emails: await listEmails(db, environmentId, { emailKey, most }),
  }
}

/** A person as the ledgers know him: the contact he is, if any, and his addresses. */
export interface Person {
  readonly contactId: ContactId | null
  readonly emailKeys: readonly string[]
}

/** Campaign and contact of each message to the person, by the two unique indexes of the ledger. */
export function messagesTo(environmentId: EnvironmentId, { contactId, emailKeys }: Person): RawBuilder<unknown> {
  return sql`
    select campaign_id, contact_id from campaign_recipients
    where environment_id = ${environmentId} and email_key = any(${emailKeys}::text[])
    union
    select c.id, p.contact_id from campaigns c join campaign_recipients p
      on p.environment_id = c.environment_id and p.campaign_id = c.id and p.contact_id = ${contactId}
    where c.environment_id = ${environmentId}`
}

interface Addressed {
  readonly emailKey: string
  readonly most: number
}

async function listOptOuts(db: Db | Tx, environmentId: EnvironmentId, { emailKey, most }: Addressed) {
  const { rows } = await sql<{ listId: ListId; createdAt: Date }>`
    select l.id as "listId", o.created_at as "createdAt"
    from lists l join opt_outs o on o.environment_id = l.environment_id and o.list_id = l.id and o.email_key = ${emailKey}
    where l.environment_id = ${environmentId} order by l.id desc limit ${most}
  `.execute(db)
  return rows
}

async function listConsent(
  db: Db | Tx, environmentId: EnvironmentId, { contactId, most }: { readonly contactId: ContactId; readonly most: number },
): Promise<ConsentEvent[]> {
  const { rows } = await sql<ConsentEvent>`
    select at, list_id as "listId", status, source, ip, wording from consent_events
    where environment_id = ${environmentId} and contact_id = ${contactId}
    order by at desc, list_id desc limit ${most}
  `.execute(db)
  return rows
}

async function listCampaignMessages(
  db: Db | Tx, environmentId: EnvironmentId, { most, ...person }: Person & { readonly most: number },
): Promise<CampaignMessage[]> {
  const { rows } = await sql<CampaignMessage>`
    select r.campaign_id as "campaignId", c.subject, r.email, r.state, r.reason, r.sent_at as "sentAt", r.delivered_at as "deliveredAt",
      r.bounced_at as "bouncedAt", r.complained_at as "complainedAt", r.unsubscribed_at as "unsubscribedAt"
    from campaigns c join campaign_recipients r on r.environment_id = c.environment_id and r.campaign_id = c.id
    where c.environment_id = ${environmentId} and (r.campaign_id, r.contact_id) in (${messagesTo(environmentId, person)})
    order by c.id desc limit ${most}
  `.execute(db)
  return rows
}

async function listEmails(db: Db | Tx, environmentId: EnvironmentId, { emailKey, most }: Addressed): Promise<PersonalEmail[]> {
  const { rows } = await sql<PersonalEmail>`
    select id, subject, html, text, state, created_at as "createdAt", sent_at as "sentAt" from emails
    where environment_id = ${environmentId} and recipient_keys @> array[${emailKey}]::text[]
    order by id desc limit ${most}
  `.execute(db)
  return rows
}
