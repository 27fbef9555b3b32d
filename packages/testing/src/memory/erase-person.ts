import type { contacts } from '@letterlock/db'
import type { Contact } from '@letterlock/db/contact'
import { addressOf } from '../mail/delivery-of.ts'
import { deleteContact, findContact } from './contacts.ts'
import type { MemoryEnvironment, StoredEmail } from './environment.ts'
import { messagesTo, type Person } from './person-records.ts'

/** Forgets one person and keeps him unmailed; null for an id that is nobody's. `contact` is who he was. */
export function erasePerson(
  environment: MemoryEnvironment, name: contacts.ContactName, now: Date,
): { readonly contact: Contact | null; readonly campaignMessages: number; readonly emails: number } | null {
  const contact = findContact(environment, name)
  const emailKey = contact?.emailKey ?? ('emailKey' in name ? name.emailKey : null)
  if (emailKey === null) return null
  const contactId = contact?.id ?? null
  const person = { contactId, emailKeys: addressesOf(environment, { contactId, emailKeys: new Set([emailKey]) }) }
  const campaignMessages = eraseRecipients(environment, person)
  const emails = eraseEmails(environment, person)
  if (contactId) deleteContact(environment, { id: contactId }, now)
  forget(environment, person)
  return { contact, campaignMessages, emails }
}

/** His address, and those that campaigns mailed him at before he was renamed, unless somebody else has them today. */
function addressesOf(environment: MemoryEnvironment, { contactId, emailKeys }: Person): Set<string> {
  const former = messagesTo(environment, { contactId, emailKeys: new Set() }).map(({ row }) => row.email_key)
  return new Set([...emailKeys, ...former.filter((key) => [undefined, contactId].includes(environment.contactsByAddress.get(key)))])
}

/** Rows of the ledger stay, since statistics count them, without the address. */
function eraseRecipients(environment: MemoryEnvironment, person: Person): number {
  const messages = messagesTo(environment, person)
  for (const { campaignId, index, row } of messages) {
    const rows = environment.recipients.get(campaignId)
    if (rows) rows[index] = { ...row, email: 'erased', email_key: `erased:${row.contact_id}`, ...erasedState(row) }
  }
  return messages.length
}

/** What waits is not sent; what a mail server said may repeat the address. */
function erasedState<State extends string>({ state, reason }: { state: State; reason: string | null }) {
  const waits = state === 'queued'
  return { state: waits ? ('suppressed' as const) : state, reason: waits || reason !== null ? 'erased' : null }
}

/** An e-mail that waits for others too goes to them alone, with its text; every other one loses subject, text and his address. */
function eraseEmails({ emails }: MemoryEnvironment, { emailKeys }: Person): number {
  const isHis = (mailbox: string) => emailKeys.has(addressOf(mailbox))
  const his = [...emails].filter(([, { recipients }]) => recipients.some(isHis))
  for (const [id, email] of his) emails.set(id, withoutHim(email, isHis))
  return his.length
}

function withoutHim(email: StoredEmail, isHis: (mailbox: string) => boolean): StoredEmail {
  const others = email.recipients.filter((mailbox) => !isHis(mailbox))
  if (email.state === 'queued' && others.length > 0) return { ...email, recipients: others }
  const recipients = email.recipients.map((mailbox) => (isHis(mailbox) ? 'erased' : mailbox))
  return { ...email, recipients, subject: 'erased', html: null, text: null, headers: {}, ...erasedState(email) }
}

/** That he agreed or left, and when, stays under an id which means nobody any more. */
function forget({ consent, optOuts, suppressions, erased }: MemoryEnvironment, { contactId, emailKeys }: Person): void {
  if (contactId) consent.set(contactId, (consent.get(contactId) ?? []).map((event) => ({ ...event, ip: null })))
  for (const name of optOuts.keys()) if (emailKeys.has(name.slice(name.indexOf(' ') + 1))) optOuts.delete(name)
  for (const key of emailKeys) {
    suppressions.delete(key)
    erased.add(key)
  }
}
