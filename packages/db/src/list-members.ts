/** Who is on which list, and the record of how each came there. */
import type { ContactId, EnvironmentId, ListId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import type { Membership } from './contacts/contact.ts'

/** Who changes memberships, for the record of consent. */
export interface ConsentOrigin {
  readonly source: string
  readonly ip: string | null
  readonly now: Date
}

/** How a person agreed, where the caller knows better than we do: his form, the person's address, the words he saw. */
export interface Consent {
  readonly source?: string | undefined
  readonly ip?: string | undefined
  readonly wording?: string | undefined
}

/** A membership to add. */
export interface NewMembership {
  readonly contactId: ContactId
  readonly listId: ListId
  readonly consent?: Consent | undefined
}

/** Which of the lists exist; they cannot be deleted until the transaction ends. */
export async function lockLists(tx: Tx, environmentId: EnvironmentId, listIds: readonly ListId[]): Promise<Set<ListId>> {
  if (listIds.length === 0) return new Set()
  const { rows } = await sql<{ id: ListId }>`
    select id from lists
    where environment_id = ${environmentId} and id = any(${[...new Set(listIds)]}::text[])
    order by id for key share
  `.execute(tx)
  return new Set(rows.map((row) => row.id))
}

/**
 * Puts contacts on lists that exist: subscribed, or unconfirmed where the list asks for confirmation. Memberships
 * that are there stay as they are, and an address that opted out becomes a member who is unsubscribed, so nobody who
 * left is brought back. Returns how many were added, without those. The contacts must be locked by the transaction.
 * Rows go in by list and contact, an order all writers of members keep.
 */
export async function addMembers(
  tx: Tx,
  environmentId: EnvironmentId,
  addition: ConsentOrigin & { readonly memberships: readonly NewMembership[] },
): Promise<number> {
  const { memberships, source, ip, now } = addition
  const { rows } = await sql<{ added: number }>`
    with wanted as (
      select distinct on ("listId", "contactId") "listId", "contactId", consent
      from json_to_recordset(${JSON.stringify(memberships)}::json) as x("listId" text, "contactId" text, consent json)
    ), added as (
      insert into list_members (environment_id, list_id, contact_id, status, created_at, updated_at)
      select ${environmentId}, w."listId", w."contactId",
        case when o.email_key is not null then 'unsubscribed' when l.double_opt_in then 'unconfirmed' else 'subscribed' end,
        ${now}::timestamptz, ${now}::timestamptz
      from wanted w
      join lists l on l.environment_id = ${environmentId} and l.id = w."listId"
      join contacts c on c.environment_id = ${environmentId} and c.id = w."contactId"
      left join opt_outs o on o.environment_id = ${environmentId} and o.list_id = l.id and o.email_key = c.email_key
      order by w."listId" collate "C", w."contactId" collate "C"
      on conflict do nothing
      returning list_id, contact_id, status
    ), consent as (
      insert into consent_events (environment_id, contact_id, at, list_id, status, source, ip, wording)
      select ${environmentId}, a.contact_id, ${now}::timestamptz, a.list_id, a.status,
        coalesce(w.consent ->> 'source', ${source}), coalesce(w.consent ->> 'ip', ${ip}::text), w.consent ->> 'wording'
      from added a join wanted w on w."listId" = a.list_id and w."contactId" = a.contact_id
      where a.status <> 'unsubscribed'
      on conflict do nothing
    )
    select count(*) as added from added where status <> 'unsubscribed'
  `.execute(tx)
  return rows[0]?.added ?? 0
}

/** The lists of each contact, oldest list first; contacts without any are absent. */
export async function listMemberships(
  db: Db | Tx,
  environmentId: EnvironmentId,
  contactIds: readonly ContactId[],
): Promise<Map<ContactId, Membership[]>> {
  if (contactIds.length === 0) return new Map()
  const { rows } = await sql<{ contactId: ContactId; id: ListId; status: Membership['status'] }>`
    select contact_id as "contactId", list_id as id, status from list_members
    where environment_id = ${environmentId} and contact_id = any(${contactIds}::text[])
    order by contact_id, list_id
  `.execute(db)
  const memberships = new Map<ContactId, Membership[]>()
  for (const { contactId, id, status } of rows) {
    const of = memberships.get(contactId)
    if (of) of.push({ id, status })
    else memberships.set(contactId, [{ id, status }])
  }
  return memberships
}
