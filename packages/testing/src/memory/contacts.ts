/** Contacts of one environment in memory, saved by the plan that the server makes. */
import { type ContactId, newId } from '@letterlock/contract'
import type { contacts } from '@letterlock/db'
import { applyChanges, type Contact, type ContactFields } from '@letterlock/db/contact'
import { planSaves, type SaveOutcome } from '@letterlock/db/plan-saves'
import { noteOptOut } from './consent.ts'
import type { MemoryEnvironment, StoredContact } from './environment.ts'
import { giveMeter, roomOf, takeMeter } from './meters.ts'
import { addMember, membershipsOf } from './members.ts'

/** The contact with its lists, or null. */
export function findContact(environment: MemoryEnvironment, name: contacts.ContactName): Contact | null {
  const id = 'id' in name ? name.id : environment.contactsByAddress.get(name.emailKey)
  const stored = id && environment.contacts.get(id)
  return stored ? withLists(environment, stored) : null
}

/** All contacts that fit the filter, newest first. */
export function listContacts(environment: MemoryEnvironment, filter: contacts.ContactFilter): Contact[] {
  const { emailKey, listId, status, updatedSince, property } = filter
  const isMember = ({ lists }: Contact) =>
    (listId === undefined && status === undefined)
    || lists.some((list) => (listId === undefined || list.id === listId) && (status === undefined || list.status === status))
  return [...environment.contacts.values()].reverse()
    .filter((contact) => emailKey === undefined || contact.emailKey === emailKey)
    .filter((contact) => updatedSince === undefined || contact.updatedAt >= updatedSince)
    .filter(({ properties }) => property === undefined || (Object.hasOwn(properties, property.key) && properties[property.key] === property.value))
    .map((contact) => withLists(environment, contact))
    .filter(isMember)
}

/** Creates or changes contacts by their addresses; one outcome per item, in order. */
export function saveContacts(
  environment: MemoryEnvironment, { items, onConflict, ip, now }: Pick<contacts.ContactSaving, 'items' | 'onConflict' | 'now'> & { readonly ip: string },
): contacts.SavedContact[] {
  const plan = planSaves(items, {
    existing: items.flatMap(({ emailKey }) => storedByAddress(environment, emailKey) ?? []),
    knownLists: new Set(environment.lists.keys()),
    onConflict,
    room: roomOf(environment, 'contacts.stored', now),
    newContactId: () => newId('contact'),
  })
  if (plan.inserts.length > 0) takeMeter(environment, { meter: 'contacts.stored', amount: plan.inserts.length, now })
  // in the order of their ids, which is that in which the plan met them
  for (const contact of [...plan.inserts].sort((a, b) => (a.id < b.id ? -1 : 1))) insert(environment, contact, now)
  for (const contact of plan.updates) replace(environment, contact, now)
  for (const membership of plan.memberships) addMember(environment, { ...membership, ip, now })
  return plan.outcomes.map((outcome) => toSaved(environment, outcome))
}

/** Changes one contact; a new address is a rename. */
export function updateContact(
  environment: MemoryEnvironment,
  { name, changes, now }: { name: contacts.ContactName; changes: contacts.ContactChanges & { email?: { email: string; emailKey: string } }; now: Date },
): contacts.UpdatedContact {
  const contact = findContact(environment, name)
  if (!contact) return { state: 'not_found' }
  const { email, emailKey } = changes.email ?? contact
  const other = emailKey === contact.emailKey ? null : findContact(environment, { emailKey })
  if (other) return { state: 'taken', existing: other }
  const changed = applyChanges(contact, changes)
  if (typeof changed === 'string') return { state: changed }
  if (changed === contact && email === contact.email) return { state: 'updated', contact }
  environment.contactsByAddress.delete(contact.emailKey)
  replace(environment, { ...changed, email, emailKey }, now)
  if (emailKey !== contact.emailKey) {
    carryOptOuts(environment, { contactId: contact.id, emailKey, now })
    suppressErased(environment, emailKey, now)
  }
  return { state: 'updated', contact: findContact(environment, { id: contact.id }) as Contact } // it was replaced just now
}

/** Deletes a contact with its memberships; null when there is none. */
export function deleteContact(environment: MemoryEnvironment, name: contacts.ContactName, now: Date): Contact | null {
  const contact = findContact(environment, name)
  if (!contact) return null
  environment.contacts.delete(contact.id)
  environment.contactsByAddress.delete(contact.emailKey)
  for (const members of environment.members.values()) members.delete(contact.id)
  giveMeter(environment, { meter: 'contacts.stored', amount: 1, now })
  return contact
}

function storedByAddress(environment: MemoryEnvironment, emailKey: string): StoredContact | undefined {
  const id = environment.contactsByAddress.get(emailKey)
  return id && environment.contacts.get(id)
}

function insert(environment: MemoryEnvironment, { id, email, emailKey, firstName, lastName, properties }: ContactFields, now: Date): void {
  environment.contacts.set(id, { id, email, emailKey, firstName, lastName, properties, createdAt: now, updatedAt: now })
  environment.contactsByAddress.set(emailKey, id)
  suppressErased(environment, emailKey, now)
}

/** Who was erased and is a contact again is not mailed. */
function suppressErased({ erased, suppressions }: MemoryEnvironment, emailKey: string, now: Date): void {
  if (erased.has(emailKey) && !suppressions.has(emailKey)) suppressions.set(emailKey, { origin: 'erasure', createdAt: now })
}

function replace(environment: MemoryEnvironment, { id, email, emailKey, firstName, lastName, properties }: ContactFields, now: Date): void {
  const { createdAt } = environment.contacts.get(id) ?? { createdAt: now }
  environment.contacts.set(id, { id, email, emailKey, firstName, lastName, properties, createdAt, updatedAt: now })
  environment.contactsByAddress.set(emailKey, id)
}

function toSaved(environment: MemoryEnvironment, outcome: SaveOutcome): contacts.SavedContact {
  if (outcome.outcome === 'quota_exceeded') return { outcome: outcome.outcome, limit: environment.quotas.get('contacts.stored') ?? 0 }
  if (!('emailKey' in outcome)) return { outcome: outcome.outcome }
  const contact = findContact(environment, { emailKey: outcome.emailKey }) as Contact // it was planned, so it was written
  return { outcome: outcome.outcome, contact }
}

function withLists(environment: MemoryEnvironment, contact: StoredContact): Contact {
  return { ...contact, lists: membershipsOf(environment, contact.id), suppressed: environment.suppressions.has(contact.emailKey) }
}

/** After a rename: he stays unsubscribed under the new address, and from what the owner of that address left before. */
function carryOptOuts(
  environment: MemoryEnvironment, { contactId, emailKey, now }: { contactId: ContactId; emailKey: string; now: Date },
): void {
  for (const [listId, members] of environment.members) {
    if (!members.has(contactId)) continue
    if (environment.optOuts.has(`${listId} ${emailKey}`)) members.set(contactId, 'unsubscribed')
    else if (members.get(contactId) === 'unsubscribed') noteOptOut(environment, { listId, emailKey, now })
  }
}
