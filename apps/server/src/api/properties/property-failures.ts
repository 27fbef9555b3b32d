import { nearestName, moment } from '@letterlock/contract'
import type { contacts, properties } from '@letterlock/db'
import { failure, type Failure, invalid } from '../../http/failure.ts'
import { propertyAnswer } from './property-answer.ts'

type Declared = Pick<properties.Property, 'key' | 'type' | 'archivedAt'>
type Values = Readonly<Record<string, contacts.PropertyValue | null>>

/**
 * A 400 that names each value which does not fit what is declared; `path` leads to the contact in the body. Null fits
 * always, since it takes a value away. An environment that declares nothing takes properties as they come.
 */
export function undeclaredProperties(declared: readonly Declared[], values: Values = {}, path = ''): Failure | null {
  if (declared.length === 0) return null
  const byKey = new Map(declared.map((property) => [property.key, property]))
  const issues = Object.entries(values).flatMap(([key, value]) => {
    const message = value === null ? null : problemOf(value, { key, byKey })
    return message === null ? [] : { path: `${path}properties.${key}`, message }
  })
  return issues.length === 0 ? null : invalid(issues)
}

/** A 400 when the fallback is not of the property's type. */
export function refusedFallback(type: properties.PropertyType, fallback: contacts.PropertyValue | null | undefined): Failure | null {
  if (fallback === undefined || fallback === null || isOfType(type, fallback)) return null
  return invalid([{ path: 'fallback', message: expectedOf[type] }])
}

export function propertyExists(existing: properties.Property): Failure {
  return failure('already_exists', 'A property of this key is declared. Its type stays; change the rest of it, or take another key.', {
    members: { existing: propertyAnswer(existing) },
  })
}

export function tooManyProperties(most: number): Failure {
  return failure('invalid_state', `No more than ${most} properties can be declared, archived ones included.`)
}

function problemOf(value: contacts.PropertyValue, { key, byKey }: { key: string; byKey: ReadonlyMap<string, Declared> }): string | null {
  const declared = byKey.get(key)
  if (!declared) return noSuchProperty(key, [...byKey.values()].flatMap((other) => (other.archivedAt === null ? other.key : [])))
  if (declared.archivedAt !== null) return 'this property is archived and takes no more values'
  return isOfType(declared.type, value) ? null : expectedOf[declared.type]
}

/** With the nearest of the others, where one is near. */
export function noSuchProperty(key: string, others: readonly string[]): string {
  const nearest = nearestName(key, others)
  return `no such property is declared${nearest === null ? '; declare it by POST /properties' : `; did you mean ${nearest}?`}`
}

export const expectedOf: Record<properties.PropertyType, string> = {
  string: 'expected a string, as the property is declared',
  number: 'expected a number, as the property is declared',
  boolean: 'expected true or false, as the property is declared',
  date: 'expected a date such as 2026-11-22, or a time of RFC 3339, as the property is declared',
}

function isOfType(type: properties.PropertyType, value: contacts.PropertyValue): boolean {
  if (type !== 'date') return typeof value === type
  if (typeof value !== 'string') return false
  return moment.safeParse(/^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00Z` : value).success
}
