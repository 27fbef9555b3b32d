import type { ContactId, ListId } from '@letterlock/contract'
import type { lists } from '@letterlock/db'
import type { ListStatus, Membership } from '@letterlock/db/contact'
import { noteConsent } from './consent.ts'
import type { MemoryEnvironment } from './environment.ts'

/** Who adds or removes, and when; `consent`: what the caller knows better. */
interface Origin {
  readonly consent?: lists.Consent | undefined
  readonly ip: string
  readonly now: Date
}

/** The lists of a contact, oldest list first. */
export function membershipsOf({ members }: MemoryEnvironment, contactId: ContactId): Membership[] {
  return [...members].flatMap(([id, of]) => {
    const status = of.get(contactId)
    return status ? { id, status } : []
  })
}

/** Puts a contact on a list, unless he is there; true when he is one more. Who left stays unsubscribed. */
export function addMember(environment: MemoryEnvironment, addition: Origin & { contactId: ContactId; listId: ListId }): boolean {
  const { contactId, listId, consent, ip, now } = addition
  const members = environment.members.get(listId)
  const contact = environment.contacts.get(contactId)
  if (!members || !contact || members.has(contactId)) return false
  const hasLeft = environment.optOuts.has(`${listId} ${contact.emailKey}`)
  const status: ListStatus = hasLeft ? 'unsubscribed' : environment.lists.get(listId)?.doubleOptIn ? 'unconfirmed' : 'subscribed'
  members.set(contactId, status)
  if (!hasLeft) noteConsent(environment, { contactId, listId, status, source: consent?.source ?? 'api', ip: consent?.ip ?? ip, wording: consent?.wording, now })
  return !hasLeft
}

/** Puts contacts on a list that exists. An id that comes twice counts once. */
export function addContacts(
  environment: MemoryEnvironment, { listId, contactIds, ...origin }: Origin & { listId: ListId; contactIds: readonly ContactId[] },
): lists.AddedContacts {
  const wanted = [...new Set(contactIds)]
  const added = wanted.filter((contactId) => addMember(environment, { contactId, listId, ...origin })).length
  const refused = wanted.flatMap((contactId) => {
    if (!environment.contacts.has(contactId)) return { contactId, code: 'not_found' as const }
    return environment.members.get(listId)?.get(contactId) === 'unsubscribed' ? { contactId, code: 'unsubscribed' as const } : []
  })
  return { added, alreadyThere: wanted.length - added - refused.length, refused }
}

/** Takes contacts off a list and says how many; who unsubscribed stays on record. */
export function removeContacts(
  environment: MemoryEnvironment, { listId, contactIds, ip, now }: Omit<Origin, 'consent'> & { listId: ListId; contactIds: readonly ContactId[] },
): number {
  const of = environment.members.get(listId)
  const removed = [...new Set(contactIds)].filter((id) => of?.has(id) && of.get(id) !== 'unsubscribed' && of.delete(id))
  for (const contactId of removed) noteConsent(environment, { contactId, listId, status: 'removed', source: 'api', ip, now })
  return removed.length
}
