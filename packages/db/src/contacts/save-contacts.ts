import { type ContactId, type EnvironmentId, newId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Tx } from '../connect.ts'
import { addMembers, listMemberships, lockLists } from '../list-members.ts'
import { lockMeter, takeMeter } from '../meters.ts'
import { listSuppressedKeys, suppressErased } from '../suppressions.ts'
import type { Contact, ContactFields, PropertiesProblem } from './contact.ts'
import { type ContactToSave, type OnConflict, planSaves, type SaveOutcome, type SavePlan } from './plan-saves.ts'

/** What to save, and on whose behalf. */
export interface ContactSaving {
  readonly items: readonly ContactToSave[]
  readonly onConflict: OnConflict
  /** What the quota's ledger calls this; unique per call, such as the request id. */
  readonly reference: string
  /** Who asked, for the record of consent. */
  readonly source: string
  readonly ip: string | null
  readonly now: Date
}

/** The outcome of one item with its contact as it is after the whole batch. */
export type SavedContact =
  | { readonly outcome: 'created' | 'updated' | 'skipped'; readonly contact: Contact }
  | { readonly outcome: 'exists'; readonly contact: Contact }
  | { readonly outcome: 'unknown_list' | PropertiesProblem }
  | { readonly outcome: 'quota_exceeded'; readonly limit: number }

/**
 * Creates or changes contacts by their addresses; one outcome per item, in order. No statement per item.
 *
 * Locks are taken in one order everywhere, so savers cannot deadlock: the balance of `contacts.stored`, contacts,
 * lists, members. Whoever adds, removes or renames contacts holds the balance until his transaction ends: two savers
 * of one address are one after the other, and the second sees the row of the first. The unique index stays as the
 * guard behind it. A single known contact needs no balance, so upserts of different contacts do not wait.
 */
export async function saveContacts(
  tx: Tx,
  environmentId: EnvironmentId,
  saving: ContactSaving,
): Promise<SavedContact[]> {
  const { items, onConflict, now } = saving
  const emailKeys = [...new Set(items.map((item) => item.emailKey))]
  let stored = emailKeys.length === 1 ? null : await lockStored(tx, environmentId, now)
  let existing = await lockContacts(tx, environmentId, emailKeys)
  if (stored === null && existing.length === 0) {
    stored = await lockStored(tx, environmentId, now)
    existing = await lockContacts(tx, environmentId, emailKeys)
  }
  const { limit, used } = stored ?? { limit: null, used: 0 }
  const knownLists = await lockLists(tx, environmentId, items.flatMap((item) => item.listIds ?? []))
  const plan = planSaves(items, {
    existing,
    knownLists,
    onConflict,
    room: limit === null ? Infinity : limit - used,
    newContactId: () => newId('contact'),
  })
  await write(tx, environmentId, { ...saving, plan })
  const contacts = await readBack(tx, environmentId, { plan, existing, now })
  return plan.outcomes.map((outcome) => toSaved(outcome, contacts, limit ?? 0))
}

type Stored = { used: number; limit: number | null }

function lockStored(tx: Tx, environmentId: EnvironmentId, now: Date): Promise<Stored> {
  return lockMeter(tx, environmentId, { meter: 'contacts.stored', now })
}

type ExistingContact = ContactFields & Pick<Contact, 'createdAt' | 'updatedAt'>

async function lockContacts(tx: Tx, environmentId: EnvironmentId, emailKeys: readonly string[]): Promise<ExistingContact[]> {
  const { rows } = await sql<ExistingContact>`
    select id, email, email_key as "emailKey", first_name as "firstName", last_name as "lastName", properties,
      created_at as "createdAt", updated_at as "updatedAt"
    from contacts
    where environment_id = ${environmentId} and email_key = any(${emailKeys}::text[])
    order by email_key for no key update
  `.execute(tx)
  return rows
}

async function write(tx: Tx, environmentId: EnvironmentId, writing: ContactSaving & { plan: SavePlan }): Promise<void> {
  const { plan, reference, now } = writing
  const { inserts, updates, memberships } = plan
  if (inserts.length > 0) {
    await insertContacts(tx, environmentId, { contacts: inserts, now })
    await suppressErased(tx, environmentId, { emailKeys: inserts.map(({ emailKey }) => emailKey), now })
    const taking = { meter: 'contacts.stored', amount: inserts.length, reference, now } as const
    const taken = await takeMeter(tx, environmentId, taking)
    if (!taken.ok) throw new Error('the plan looked at a balance that was not locked')
  }
  if (updates.length > 0) await updateContacts(tx, environmentId, { contacts: updates, now })
  if (memberships.length > 0) await addMembers(tx, environmentId, { ...writing, memberships })
}

interface Rows {
  readonly contacts: readonly ContactFields[]
  readonly now: Date
}

async function insertContacts(tx: Tx, environmentId: EnvironmentId, { contacts, now }: Rows): Promise<void> {
  await sql`
    insert into contacts (environment_id, id, email, email_key, first_name, last_name, properties, created_at, updated_at)
    select ${environmentId}, id, email, "emailKey", "firstName", "lastName", properties, ${now}::timestamptz, ${now}::timestamptz
    from json_to_recordset(${JSON.stringify(contacts)}::json) as x(
      id text, email text, "emailKey" text, "firstName" text, "lastName" text, properties jsonb
    )
  `.execute(tx)
}

/** The rows are locked already, so their order does not matter. */
async function updateContacts(tx: Tx, environmentId: EnvironmentId, { contacts, now }: Rows): Promise<void> {
  await sql`
    update contacts c
    set first_name = x."firstName", last_name = x."lastName", properties = x.properties, updated_at = ${now}::timestamptz
    from json_to_recordset(${JSON.stringify(contacts)}::json) as x(
      id text, "firstName" text, "lastName" text, properties jsonb
    )
    where c.environment_id = ${environmentId} and c.id = x.id
  `.execute(tx)
}

/** The contacts by address, without reading again what was just written. */
async function readBack(
  tx: Tx,
  environmentId: EnvironmentId,
  { plan, existing, now }: { plan: SavePlan; existing: readonly ExistingContact[]; now: Date },
): Promise<Map<string, Contact>> {
  const rows = new Map<string, ExistingContact>(existing.map((contact) => [contact.emailKey, contact]))
  for (const contact of plan.inserts) rows.set(contact.emailKey, { ...contact, createdAt: now, updatedAt: now })
  for (const contact of plan.updates) {
    const { createdAt } = rows.get(contact.emailKey) ?? { createdAt: now }
    rows.set(contact.emailKey, { ...contact, createdAt, updatedAt: now })
  }
  const suppressed = await listSuppressedKeys(tx, environmentId, [...rows.keys()])
  const onLists: ContactId[] = [...new Set([...existing.map(({ id }) => id), ...plan.memberships.map((m) => m.contactId)])]
  const memberships = await listMemberships(tx, environmentId, onLists)
  return new Map(
    [...rows].map(([key, row]) => [key, { ...row, lists: memberships.get(row.id) ?? [], suppressed: suppressed.has(key) }]),
  )
}

function toSaved(outcome: SaveOutcome, contacts: ReadonlyMap<string, Contact>, limit: number): SavedContact {
  if (outcome.outcome === 'quota_exceeded') return { outcome: outcome.outcome, limit }
  if (!('emailKey' in outcome)) return { outcome: outcome.outcome }
  const contact = contacts.get(outcome.emailKey)
  if (!contact) throw new Error('a planned contact was not written')
  return { outcome: outcome.outcome, contact }
}

