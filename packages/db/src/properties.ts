/** Properties of contacts as they are declared: a key, of one type for good, and what stands in where a contact has none. */
import { type EnvironmentId, newId, type PropertyId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import type { PropertyValue } from './contacts/contact.ts'
import { lockMeter } from './meters.ts'

export type PropertyType = 'string' | 'number' | 'boolean' | 'date'

export interface Property {
  readonly id: PropertyId
  readonly key: string
  readonly type: PropertyType
  readonly description: string | null
  /** What templates show for a contact without the property. */
  readonly fallback: PropertyValue | null
  /** Since when no contact is given values of it. */
  readonly archivedAt: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** The most properties of an environment, archived ones too: each contact that is saved is held against all of them. */
export const mostDeclared = 250

export type DeclaredProperty =
  | { readonly state: 'declared' | 'exists'; readonly property: Property }
  | { readonly state: 'too_many' }

export type PropertyDeclaration = Pick<Property, 'key' | 'type'> & {
  readonly description?: string | undefined
  readonly fallback?: PropertyValue | undefined
}

/**
 * Declares a property, unless the key is taken. Declarers of one environment are one after the other, under the
 * lock of those who add contacts, so two of them cannot both take the last place or the same key.
 */
export async function declareProperty(
  tx: Tx, environmentId: EnvironmentId, { key, type, description, fallback, now }: PropertyDeclaration & { readonly now: Date },
): Promise<DeclaredProperty> {
  await lockMeter(tx, environmentId, { meter: 'contacts.stored', now })
  const declared = await listDeclared(tx, environmentId)
  const known = declared.find((property) => property.key === key)
  if (known) return { state: 'exists', property: known }
  if (declared.length >= mostDeclared) return { state: 'too_many' }
  const property: Property = {
    id: newId('property'), key, type, description: description ?? null, fallback: fallback ?? null, archivedAt: null, createdAt: now, updatedAt: now,
  }
  await tx
    .insertInto('contact_properties')
    .values({
      environment_id: environmentId, id: property.id, key, type, description: property.description,
      fallback: storedFallback(property.fallback), created_at: now, updated_at: now,
    })
    .execute()
  return { state: 'declared', property }
}

/** All that is declared, archived ones too, in the order of the keys. */
export async function listDeclared(db: Db | Tx, environmentId: EnvironmentId): Promise<Property[]> {
  const { rows } = await sql<Property>`${selectProperties} where environment_id = ${environmentId} order by key`.execute(db)
  return rows
}

/** Up to `limit` properties with ids below `before`, newest first. */
export async function listProperties(
  db: Db | Tx, environmentId: EnvironmentId, { before, limit }: { readonly before?: string | undefined; readonly limit: number },
): Promise<Property[]> {
  const below = before === undefined ? sql`` : sql` and id < ${before}`
  const { rows } = await sql<Property>`
    ${selectProperties} where environment_id = ${environmentId}${below} order by id desc limit ${limit}
  `.execute(db)
  return rows
}

/** The property, or null when none of that key is declared. */
export async function findProperty(db: Db | Tx, environmentId: EnvironmentId, key: string): Promise<Property | null> {
  const { rows } = await sql<Property>`${selectProperties} where environment_id = ${environmentId} and key = ${key}`.execute(db)
  return rows[0] ?? null
}

/** Absent fields stay as they are, null removes. */
export interface PropertyChanges {
  readonly description?: string | null | undefined
  readonly fallback?: PropertyValue | null | undefined
  readonly archived?: boolean | undefined
}

/** The changed property, or null when there is none. A property that is archived already keeps the time of that. */
export async function updateProperty(
  tx: Tx, environmentId: EnvironmentId, { key, changes, now }: { readonly key: string; readonly changes: PropertyChanges; readonly now: Date },
): Promise<Property | null> {
  const { description, fallback, archived } = changes
  await tx
    .updateTable('contact_properties')
    .set({
      ...(description !== undefined && { description }),
      ...(fallback !== undefined && { fallback: storedFallback(fallback) }),
      ...(archived !== undefined && { archived_at: archived ? sql<Date>`coalesce(archived_at, ${now})` : null }),
      updated_at: now,
    })
    .where('environment_id', '=', environmentId)
    .where('key', '=', key)
    .execute()
  return findProperty(tx, environmentId, key)
}

// a text would not be JSON by itself
function storedFallback(fallback: PropertyValue | null): string | null {
  return fallback === null ? null : JSON.stringify(fallback)
}

const selectProperties = sql`
  select id, key, type, description, fallback, archived_at as "archivedAt", created_at as "createdAt", updated_at as "updatedAt"
  from contact_properties`
