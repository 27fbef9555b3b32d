/** What a batch of contacts does, decided in its order before anything is written. */
import type { ContactId, ListId } from '@letterlock/contract'
import type { Consent, NewMembership } from '../list-members.ts'
import { applyChanges, type ContactChanges, type ContactFields, type PropertiesProblem } from './contact.ts'

/** One contact to save. The address is normalised already. */
export interface ContactToSave extends ContactChanges {
  readonly email: string
  readonly emailKey: string
  readonly listIds?: readonly ListId[] | undefined
  /** How he agreed to be on the lists. */
  readonly consent?: Consent | undefined
}

/** What happens to a contact whose address is known already. */
export type OnConflict = 'update' | 'skip' | 'fail'

/** What became of one item; `exists` names the contact in its way. */
export type SaveOutcome =
  | { readonly outcome: 'created' | 'updated' | 'skipped' | 'exists'; readonly emailKey: string }
  | { readonly outcome: 'unknown_list' | PropertiesProblem | 'quota_exceeded' }

export interface SavePlan {
  /** One per item, in order. */
  readonly outcomes: readonly SaveOutcome[]
  /** Rows to insert, one per address. */
  readonly inserts: readonly ContactFields[]
  /** Rows that existed and are different now. */
  readonly updates: readonly ContactFields[]
  readonly memberships: readonly NewMembership[]
}

/** What the plan has to know; `room`: how many contacts the quota still allows. */
export interface SaveCircumstances {
  readonly existing: readonly ContactFields[]
  readonly knownLists: ReadonlySet<ListId>
  readonly onConflict: OnConflict
  readonly room: number
  readonly newContactId: () => ContactId
}

/**
 * Plans the items one after the other, so an address that comes twice meets what its first item left.
 * An item that cannot be saved changes nothing and does not stop the others.
 */
export function planSaves(items: readonly ContactToSave[], circumstances: SaveCircumstances): SavePlan {
  const { knownLists, onConflict, room, newContactId } = circumstances
  const before = new Map(circumstances.existing.map((contact) => [contact.emailKey, contact]))
  const after = new Map(before)
  const created = new Set<string>()
  const memberships: NewMembership[] = []
  const outcomes = items.map(plan)
  return {
    outcomes,
    memberships,
    inserts: [...after.values()].filter(({ emailKey }) => created.has(emailKey)),
    updates: [...after.values()].filter((contact) => !created.has(contact.emailKey) && before.get(contact.emailKey) !== contact),
  }

  function plan(item: ContactToSave): SaveOutcome {
    const { email, emailKey, listIds = [], consent } = item
    if (!listIds.every((id) => knownLists.has(id))) return { outcome: 'unknown_list' }
    const known = after.get(emailKey)
    if (known && onConflict !== 'update') return { outcome: onConflict === 'skip' ? 'skipped' : 'exists', emailKey }
    if (!known && created.size >= room) return { outcome: 'quota_exceeded' }
    const contact = known ?? { id: newContactId(), email, emailKey, firstName: null, lastName: null, properties: {} }
    const saved = applyChanges(contact, item)
    if (typeof saved === 'string') return { outcome: saved }
    after.set(emailKey, saved)
    if (!known) created.add(emailKey)
    for (const listId of listIds) memberships.push({ contactId: saved.id, listId, ...(consent && { consent }) })
    return { outcome: known ? 'updated' : 'created', emailKey }
  }
}
