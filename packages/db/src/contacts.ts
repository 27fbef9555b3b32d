/** Contacts: people by their addresses, one per address and environment. */
import type { ContactId, EnvironmentId, ListId } from '@letterlock/contract'
import { type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import { applyChanges, type Contact, type ContactChanges, type ListStatus, type PropertiesProblem, type PropertyValue } from './contacts/contact.ts'
import { giveMeter, lockMeter } from './meters.ts'
import { suppressErased } from './suppressions.ts'

export { type Contact, type ContactChanges, type ListStatus, mostProperties, mostPropertiesBytes, type PropertiesProblem, type PropertyValue } from './contacts/contact.ts'
export type { ContactToSave, OnConflict } from './contacts/plan-saves.ts'
export { type ContactSaving, saveContacts, type SavedContact } from './contacts/save-contacts.ts'

/** Which contact: by id, or by normalised address. */
export type ContactName = { readonly id: ContactId } | { readonly emailKey: string }

export interface ContactFilter {
  readonly emailKey?: string | undefined
  readonly listId?: ListId | undefined
  /** On `listId`, or on any list. */
  readonly status?: ListStatus | undefined
  readonly updatedSince?: Date | undefined
  /** Exactly this value: the text `3` is not the number. */
  readonly property?: { readonly key: string; readonly value: PropertyValue } | undefined
}

/** The contact, or null when the environment has none of that name. */
export async function findContact(db: Db | Tx, environmentId: EnvironmentId, name: ContactName): Promise<Contact | null> {
  const { rows } = await sql<Contact>`${selectContacts} where ${isNamed(environmentId, name)}`.execute(db)
  return rows[0] ?? null
}

/** Up to `limit` contacts with ids below `before`, newest first, each with its lists, in one statement. */
export async function listContacts(
  db: Db | Tx,
  environmentId: EnvironmentId,
  { before, limit, ...filter }: ContactFilter & { readonly before?: string | undefined; readonly limit: number },
): Promise<Contact[]> {
  const conditions = [sql`c.environment_id = ${environmentId}`, ...conditionsOf(environmentId, filter)]
  if (before !== undefined) conditions.push(sql`c.id < ${before}`)
  const { rows } = await sql<Contact>`
    ${selectContacts} where ${sql.join(conditions, sql` and `)} order by c.id desc limit ${limit}
  `.execute(db)
  return rows
}

export type UpdatedContact =
  | { readonly state: 'updated'; readonly contact: Contact }
  /** Another contact has the new address. */
  | { readonly state: 'taken'; readonly existing: Contact }
  | { readonly state: PropertiesProblem }
  | { readonly state: 'not_found' }

/**
 * Changes one contact. A new address is a rename: it takes the lock of all who add or remove addresses
 * (see {@link saveContacts}), so that the look for another owner and the update cannot be overtaken.
 */
export async function updateContact(
  tx: Tx,
  environmentId: EnvironmentId,
  update: { name: ContactName; changes: ContactChanges & { email?: { email: string; emailKey: string } | undefined }; now: Date },
): Promise<UpdatedContact> {
  const { name, changes, now } = update
  if (changes.email) await lockMeter(tx, environmentId, { meter: 'contacts.stored', now })
  await sql`select from contacts c where ${isNamed(environmentId, name)} for no key update`.execute(tx)
  const contact = await findContact(tx, environmentId, name)
  if (!contact) return { state: 'not_found' }
  const { email, emailKey } = changes.email ?? contact
  const other = emailKey === contact.emailKey ? null : await findContact(tx, environmentId, { emailKey })
  if (other) return { state: 'taken', existing: other }
  const changed = applyChanges(contact, changes)
  if (typeof changed === 'string') return { state: changed }
  if (changed === contact && email === contact.email) return { state: 'updated', contact }
  await tx
    .updateTable('contacts')
    .set({
      first_name: changed.firstName,
      last_name: changed.lastName,
      properties: JSON.stringify(changed.properties),
      updated_at: now,
      ...(email !== contact.email && { email, email_key: emailKey }),
    })
    .where('environment_id', '=', environmentId)
    .where('id', '=', contact.id)
    .execute()
  if (emailKey !== contact.emailKey) {
    await carryOptOuts(tx, environmentId, { contactId: contact.id, now })
    await suppressErased(tx, environmentId, { emailKeys: [emailKey], now })
  }
  const written = await findContact(tx, environmentId, { id: contact.id })
  return written ? { state: 'updated', contact: written } : { state: 'not_found' }
}

/** Deletes a contact with its memberships and gives its place in the quota back; false when there is none. */
export async function deleteContact(
  tx: Tx,
  environmentId: EnvironmentId,
  { name, reference, now }: { readonly name: ContactName; readonly reference: string; readonly now: Date },
): Promise<boolean> {
  await lockMeter(tx, environmentId, { meter: 'contacts.stored', now }) // first, as saveContacts does
  const { rows } = await sql`delete from contacts c where ${isNamed(environmentId, name)} returning c.id`.execute(tx)
  if (rows.length === 0) return false
  await giveMeter(tx, environmentId, { meter: 'contacts.stored', amount: 1, reference, now })
  return true
}

/** After a rename: he stays unsubscribed under the new address, and from what the owner of that address left before. */
async function carryOptOuts(
  tx: Tx,
  environmentId: EnvironmentId,
  { contactId, now }: { readonly contactId: ContactId; readonly now: Date },
): Promise<void> {
  await sql`
    with renamed as (
      select email_key from contacts where environment_id = ${environmentId} and id = ${contactId}
    ), barred as (
      update list_members m set status = 'unsubscribed', updated_at = ${now}
      from renamed join opt_outs o on o.environment_id = ${environmentId} and o.email_key = renamed.email_key
      where m.environment_id = ${environmentId} and m.contact_id = ${contactId}
        and m.list_id = o.list_id and m.status <> 'unsubscribed'
    )
    insert into opt_outs (environment_id, list_id, email_key, created_at)
    select ${environmentId}, m.list_id, renamed.email_key, ${now}::timestamptz
    from renamed join list_members m
      on m.environment_id = ${environmentId} and m.contact_id = ${contactId} and m.status = 'unsubscribed'
    on conflict do nothing
  `.execute(tx)
}

const selectContacts = sql`
  select c.id, c.email, c.email_key as "emailKey", c.first_name as "firstName", c.last_name as "lastName", c.properties,
    coalesce((
      select json_agg(json_build_object('id', m.list_id, 'status', m.status) order by m.list_id)
      from list_members m where m.environment_id = c.environment_id and m.contact_id = c.id
    ), '[]') as lists,
    exists (
      select from suppressions s where s.environment_id = c.environment_id and s.email_key = c.email_key
    ) as suppressed,
    c.created_at as "createdAt", c.updated_at as "updatedAt"
  from contacts c`

function isNamed(environmentId: EnvironmentId, name: ContactName): RawBuilder<unknown> {
  const is = 'id' in name ? sql`c.id = ${name.id}` : sql`c.email_key = ${name.emailKey}`
  return sql`c.environment_id = ${environmentId} and ${is}`
}

function conditionsOf(environmentId: EnvironmentId, { emailKey, listId, status, updatedSince, property }: ContactFilter): RawBuilder<unknown>[] {
  const conditions: RawBuilder<unknown>[] = []
  if (emailKey !== undefined) conditions.push(sql`c.email_key = ${emailKey}`)
  if (updatedSince !== undefined) conditions.push(sql`c.updated_at >= ${updatedSince}`)
  if (property !== undefined) {
    // the very expression of the index contacts_by_property, so that another's contacts of the same value are not met
    const wanted = JSON.stringify({ [environmentId]: { [property.key]: property.value } })
    conditions.push(sql`jsonb_set('{}', array[c.environment_id], c.properties) @> ${wanted}::jsonb`)
  }
  if (listId === undefined && status === undefined) return conditions
  const membership = [sql`m.environment_id = c.environment_id`, sql`m.contact_id = c.id`]
  if (listId !== undefined) membership.push(sql`m.list_id = ${listId}`)
  if (status !== undefined) membership.push(sql`m.status = ${status}`)
  conditions.push(sql`exists (select from list_members m where ${sql.join(membership, sql` and `)})`)
  return conditions
}
