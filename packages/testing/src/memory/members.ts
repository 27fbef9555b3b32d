import type { ContactId, ListId } from '@letterlock/contract'
import type { lists } from '@letterlock/db'
import type { ListStatus, Membership } from '@letterlock/db/contact'
import type { MemoryEnvironment } from './environment.ts'

/** The lists of a contact, oldest list first. */
export function membershipsOf({ members }: MemoryEnvironment, contactId: ContactId): Membership[] {
  return [...members].flatMap(([id, of]) => {
    const status = of.get(contactId)
    return status ? { id, status } : []
  })
}

/** Puts a contact on a list, unless he is there; true when he is one more. Who left stays unsubscribed. */
export function addMember(environment: MemoryEnvironment, { contactId, listId }: { contactId: ContactId; listId: ListId }): boolean {
  const members = environment.members.get(listId)
  const contact = environment.contacts.get(contactId)
  if (!members || !contact || members.has(contactId)) return false
  const hasLeft = environment.optOuts.has(`${listId} ${contact.emailKey}`)
  const status: ListStatus = hasLeft ? 'unsubscribed' : environment.lists.get(listId)?.doubleOptIn ? 'unconfirmed' : 'subscribed'
  members.set(contactId, status)
  return !hasLeft
}

/** Puts contacts on a list that exists. An id that comes twice counts once. */
export function addContacts(
  environment: MemoryEnvironment, { listId, contactIds }: { listId: ListId; contactIds: readonly ContactId[] },
): lists.AddedContacts {
  const wanted = [...new Set(contactIds)]
  const added = wanted.filter((contactId) => addMember(environment, { contactId, listId })).length
  const refused = wanted.flatMap((contactId) => {
    if (!environment.contacts.has(contactId)) return { contactId, code: 'not_found' as const }
    return environment.members.get(listId)?.get(contactId) === 'unsubscribed' ? { contactId, code: 'unsubscribed' as const } : []
  })
  return { added, alreadyThere: wanted.length - added - refused.length, refused }
}

/** Takes contacts off a list and says how many; who unsubscribed stays on record. */
export function removeContacts(
  { members }: MemoryEnvironment, { listId, contactIds }: { listId: ListId; contactIds: readonly ContactId[] },
): number {
  const of = members.get(listId)
  return [...new Set(contactIds)].filter((id) => of?.has(id) && of.get(id) !== 'unsubscribed' && of.delete(id)).length
}
