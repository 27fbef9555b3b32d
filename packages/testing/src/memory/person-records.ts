import type { CampaignId, ContactId, ListId } from '@letterlock/contract'
import type { contacts, personRecords } from '@letterlock/db'
import { addressOf } from '../mail/delivery-of.ts'
import { findContact } from './contacts.ts'
import type { MemoryEnvironment, StoredRecipient } from './environment.ts'

/** Everything that one environment has about one person, newest first; null when he is no contact. */
export function findPersonRecord(environment: MemoryEnvironment, name: contacts.ContactName): personRecords.PersonRecord | null {
  const contact = findContact(environment, name)
  if (!contact) return null
  const { id: contactId, emailKey } = contact
  return {
    contact,
    suppression: environment.suppressions.get(emailKey) ?? null,
    optOuts: optOutsOf(environment, emailKey),
    consent: (environment.consent.get(contactId) ?? []).toSorted((a, b) => b.at.getTime() - a.at.getTime() || (a.listId < b.listId ? 1 : -1)),
    campaignMessages: messagesTo(environment, { contactId, emailKeys: new Set([emailKey]) }).reverse().map((message) => campaignMessage(environment, message)),
    emails: [...environment.emails.values()].reverse()
      .filter(({ recipients }) => recipients.some((mailbox) => addressOf(mailbox) === emailKey))
      .map(({ id, subject, html, text, state, created_at, sent_at }) => ({ id, subject, html, text, state, createdAt: created_at, sentAt: sent_at })),
  }
}

/** A person as the ledgers know him: the contact he is, if any, and his addresses. */
export interface Person {
  readonly contactId: ContactId | null
  readonly emailKeys: ReadonlySet<string>
}

interface Message {
  readonly campaignId: CampaignId
  /** Its place in the ledger of the campaign. */
  readonly index: number
  readonly row: StoredRecipient
}

/** Each message of a campaign to the person, oldest campaign first. */
export function messagesTo({ recipients }: MemoryEnvironment, { contactId, emailKeys }: Person): Message[] {
  return [...recipients].flatMap(([campaignId, rows]) =>
    rows.flatMap((row, index) => (row.contact_id === contactId || emailKeys.has(row.email_key) ? [{ campaignId, index, row }] : [])))
}

function optOutsOf({ lists, optOuts }: MemoryEnvironment, emailKey: string): { listId: ListId; createdAt: Date }[] {
  return [...lists.keys()].reverse().flatMap((listId) => {
    const createdAt = optOuts.get(`${listId} ${emailKey}`)
    return createdAt ? [{ listId, createdAt }] : []
  })
}

function campaignMessage({ campaigns }: MemoryEnvironment, { campaignId, row }: Message): personRecords.CampaignMessage {
  const { email, state, reason, sent_at: sentAt, event, unsubscribedAt } = row
  return {
    campaignId, email, state, reason, sentAt, unsubscribedAt,
    subject: campaigns.get(campaignId)?.subject ?? '',
    deliveredAt: event === 'delivered' || event === 'complained' ? sentAt : null,
    bouncedAt: event === 'bounced' ? sentAt : null,
    complainedAt: event === 'complained' ? sentAt : null,
  }
}
