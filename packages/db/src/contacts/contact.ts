import type { ContactId, ListId } from '@letterlock/contract'

export type PropertyValue = string | number | boolean
export type ListStatus = 'subscribed' | 'unconfirmed' | 'unsubscribed'

export interface Membership {
  readonly id: ListId
  readonly status: ListStatus
}

/** A contact with its lists, and whether its address is suppressed. */
export interface Contact {
  readonly id: ContactId
  readonly email: string
  /** The normalised address: its identity within the environment. */
  readonly emailKey: string
  readonly firstName: string | null
  readonly lastName: string | null
  readonly properties: Readonly<Record<string, PropertyValue>>
  readonly lists: readonly Membership[]
  readonly suppressed: boolean
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Absent fields stay as they are, null removes. */
export interface ContactChanges {
  readonly firstName?: string | null | undefined
  readonly lastName?: string | null | undefined
  readonly properties?: Readonly<Record<string, PropertyValue | null>> | undefined
}

/** What is written into a contact's own row. */
export type ContactFields = Pick<Contact, 'id' | 'email' | 'emailKey' | 'firstName' | 'lastName' | 'properties'>

/** The most properties a contact has. */
export const mostProperties = 100

/** The most bytes of the properties of a contact as JSON in UTF-8, so that answers have a bound too. */
export const mostPropertiesBytes = 16_384

export type PropertiesProblem = 'too_many_properties' | 'properties_too_large'

/** The contact after the changes, the very same object when they change nothing; or what is wrong with its properties. */
export function applyChanges<C extends ContactFields>(contact: C, changes: ContactChanges): C | PropertiesProblem {
  const { firstName = contact.firstName, lastName = contact.lastName } = changes
  const properties = mergeProperties(contact.properties, changes.properties ?? {})
  const problem = properties === contact.properties ? null : findProblem(properties)
  if (problem) return problem
  const same =
    firstName === contact.firstName && lastName === contact.lastName && properties === contact.properties
  return same ? contact : { ...contact, firstName, lastName, properties }
}

function findProblem(properties: ContactFields['properties']): PropertiesProblem | null {
  if (Object.keys(properties).length > mostProperties) return 'too_many_properties'
  return Buffer.byteLength(JSON.stringify(properties)) > mostPropertiesBytes ? 'properties_too_large' : null
}

function mergeProperties(
  properties: ContactFields['properties'],
  changes: Readonly<Record<string, PropertyValue | null>>,
): ContactFields['properties'] {
  const changed = Object.entries(changes).filter(([name, value]) =>
    value === null ? Object.hasOwn(properties, name) : !Object.hasOwn(properties, name) || properties[name] !== value,
  )
  if (changed.length === 0) return properties
  const merged = Object.entries({ ...properties, ...Object.fromEntries(changed) })
  return Object.fromEntries(merged.filter((entry): entry is [string, PropertyValue] => entry[1] !== null))
}
