/** Lists of contacts, and who is on them. */
import { type ContactId, type EnvironmentId, type ListId, newId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import { addMembers, type Consent, type ConsentOrigin, lockLists } from './list-members.ts'

export type { Consent, ConsentOrigin } from './list-members.ts'

export interface List {
  readonly id: ListId
  readonly name: string
  readonly description: string | null
  /** New members must confirm first. */
  readonly doubleOptIn: boolean
  readonly visibility: 'private' | 'public'
  /** Subscribed ones. */
  readonly contactCount: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Absent fields stay as they are. */
export interface ListChanges {
  readonly name?: string | undefined
  readonly description?: string | null | undefined
  readonly doubleOptIn?: boolean | undefined
  readonly visibility?: 'private' | 'public' | undefined
}

export async function createList(
  tx: Tx,
  environmentId: EnvironmentId,
  { name, description = null, doubleOptIn = false, visibility = 'private', now }: ListChanges & { name: string; now: Date },
): Promise<List> {
  const id = newId('list')
  const fields = { environment_id: environmentId, id, name, description, double_opt_in: doubleOptIn, visibility }
  await tx.insertInto('lists').values({ ...fields, created_at: now, updated_at: now }).execute()
  return { id, name, description, doubleOptIn, visibility, contactCount: 0, createdAt: now, updatedAt: now }
}

/** The list, or null when the environment has none of that id. */
export async function findList(db: Db | Tx, environmentId: EnvironmentId, id: ListId): Promise<List | null> {
  const { rows } = await sql<List>`${selectLists} where l.environment_id = ${environmentId} and l.id = ${id}`.execute(db)
  return rows[0] ?? null
}

/** Up to `limit` lists with ids below `before`, newest first. */
export async function listLists(
  db: Db | Tx,
  environmentId: EnvironmentId,
  { before, limit }: { readonly before?: string | undefined; readonly limit: number },
): Promise<List[]> {
  const below = before === undefined ? sql`` : sql` and l.id < ${before}`
  const { rows } = await sql<List>`
    ${selectLists} where l.environment_id = ${environmentId}${below} order by l.id desc limit ${limit}
  `.execute(db)
  return rows
}

/** The changed list, or null when there is none. */
export async function updateList(
  tx: Tx,
  environmentId: EnvironmentId,
  { id, changes, now }: { readonly id: ListId; readonly changes: ListChanges; readonly now: Date },
): Promise<List | null> {
  const { name, description, doubleOptIn, visibility } = changes
  await tx
    .updateTable('lists')
    .set({
      ...(name !== undefined && { name }),
      ...(description !== undefined && { description }),
      ...(doubleOptIn !== undefined && { double_opt_in: doubleOptIn }),
      ...(visibility !== undefined && { visibility }),
      updated_at: now,
    })
    .where('environment_id', '=', environmentId)
    .where('id', '=', id)
    .execute()
  return findList(tx, environmentId, id)
}

/**
 * Deletes a list with its memberships, unless a campaign that is under way includes or excludes it.
 *
 * The race: a campaign that starts meanwhile holds the list (`for key share`), so the first statement waits for it;
 * the second has a later snapshot and sees that campaign. A campaign that starts after us finds no list.
 */
export async function deleteList(tx: Tx, environmentId: EnvironmentId, id: ListId): Promise<'deleted' | 'not_found' | 'in_use'> {
  const { rows: [locked] } = await sql`
    select id from lists where environment_id = ${environmentId} and id = ${id} for update
  `.execute(tx)
  if (!locked) return 'not_found'
  const { rows: [deleted] } = await sql`
    delete from lists l
    where l.environment_id = ${environmentId} and l.id = ${id} and not exists (
      select from campaigns c
      where c.environment_id = l.environment_id and c.status in ('scheduled', 'sending', 'paused')
        and (l.id = any(c.list_ids) or l.id = any(c.exclude_list_ids))
    )
    returning l.id
  `.execute(tx)
  return deleted ? 'deleted' : 'in_use'
}

export interface AddedContacts {
  readonly added: number
  readonly alreadyThere: number
  readonly refused: readonly { readonly contactId: ContactId; readonly code: 'not_found' | 'unsubscribed' }[]
}

/** Puts contacts on a list; null when there is no such list. An id that comes twice counts once. */
export async function addContacts(
  tx: Tx,
  environmentId: EnvironmentId,
  addition: ConsentOrigin & { readonly listId: ListId; readonly contactIds: readonly ContactId[]; readonly consent?: Consent | undefined },
): Promise<AddedContacts | null> {
  const { listId, contactIds, consent, ...origin } = addition
  const wanted = [...new Set(contactIds)]
  const known = await lockContacts(tx, environmentId, wanted)
  const lists = await lockLists(tx, environmentId, [listId])
  if (!lists.has(listId)) return null
  const memberships = [...known].map((contactId) => ({ contactId, listId, consent }))
  const added = memberships.length === 0 ? 0 : await addMembers(tx, environmentId, { ...origin, memberships })
  const after = await statusesOn(tx, environmentId, { listId, contactIds: wanted })
  const refused = wanted.flatMap((contactId) => {
    if (!known.has(contactId)) return { contactId, code: 'not_found' as const }
    return after.get(contactId) === 'unsubscribed' ? { contactId, code: 'unsubscribed' as const } : []
  })
  return { added, alreadyThere: wanted.length - added - refused.length, refused }
}

/**
 * Takes contacts off a list; null when there is no such list. Who unsubscribed stays on record, so that nobody can
 * bring him back by removing and adding him.
 */
export async function removeContacts(
  tx: Tx,
  environmentId: EnvironmentId,
  removal: ConsentOrigin & { readonly listId: ListId; readonly contactIds: readonly ContactId[] },
): Promise<{ removed: number } | null> {
  const { listId, contactIds, source, ip, now } = removal
  const lists = await lockLists(tx, environmentId, [listId])
  if (!lists.has(listId)) return null
  const { rows } = await sql<{ removed: number }>`
    with leaving as (
      select contact_id from list_members
      where environment_id = ${environmentId} and list_id = ${listId} and contact_id = any(${contactIds}::text[])
        and status <> 'unsubscribed'
      order by contact_id for update
    ), gone as (
      delete from list_members m using leaving
      where m.environment_id = ${environmentId} and m.list_id = ${listId} and m.contact_id = leaving.contact_id
        and m.status <> 'unsubscribed'
      returning m.contact_id
    ), consent as (
      insert into consent_events (environment_id, contact_id, at, list_id, status, source, ip)
      select ${environmentId}, contact_id, ${now}::timestamptz, ${listId}, 'removed', ${source}, ${ip}::text from gone
      on conflict do nothing
    )
    select count(*) as removed from gone
  `.execute(tx)
  return { removed: rows[0]?.removed ?? 0 }
}

const selectLists = sql`
  select l.id, l.name, l.description, l.double_opt_in as "doubleOptIn", l.visibility,
    (
      select count(*) from list_members m
      where m.environment_id = l.environment_id and m.list_id = l.id and m.status = 'subscribed'
    ) as "contactCount",
    l.created_at as "createdAt", l.updated_at as "updatedAt"
  from lists l`

/** Which of the contacts exist; they cannot be deleted until the transaction ends. */
async function lockContacts(tx: Tx, environmentId: EnvironmentId, contactIds: readonly ContactId[]): Promise<Set<ContactId>> {
  const { rows } = await sql<{ id: ContactId }>`
    select id from contacts where environment_id = ${environmentId} and id = any(${contactIds}::text[])
    order by id for key share
  `.execute(tx)
  return new Set(rows.map((row) => row.id))
}

async function statusesOn(
  tx: Tx,
  environmentId: EnvironmentId,
  { listId, contactIds }: { listId: ListId; contactIds: readonly ContactId[] },
): Promise<Map<ContactId, string>> {
  const { rows } = await sql<{ contactId: ContactId; status: string }>`
    select contact_id as "contactId", status from list_members
    where environment_id = ${environmentId} and list_id = ${listId} and contact_id = any(${contactIds}::text[])
  `.execute(tx)
  return new Map(rows.map(({ contactId, status }) => [contactId, status]))
}
