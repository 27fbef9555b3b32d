import type { contacts, properties } from '@letterlock/db'
import { type Failure, invalid } from '../../http/failure.ts'
import { expectedOf, noSuchProperty } from './property-failures.ts'

/** What `?property=plan:pro` asks for, its value read as the declared type; undefined when it asks for nothing. */
export function readPropertyFilter(
  declared: readonly Pick<properties.Property, 'key' | 'type'>[], filter: string | undefined,
): contacts.ContactFilter['property'] | Failure {
  if (filter === undefined) return undefined
  const colon = filter.indexOf(':')
  const key = filter.slice(0, colon)
  const property = declared.find((each) => each.key === key)
  if (!property) return invalid([{ path: 'property', message: noSuchProperty(key, declared.map((each) => each.key)) }])
  const value = readValue(property.type, filter.slice(colon + 1))
  return value === null ? invalid([{ path: 'property', message: expectedOf[property.type] }]) : { key, value }
}

function readValue(type: properties.PropertyType, text: string): contacts.PropertyValue | null {
  switch (type) {
    case 'string':
    case 'date':
      return text
    case 'number': // Number() alone would take 0x10 and blanks as well
      return /^-?\d{1,30}(\.\d{1,30})?(e[+-]?\d{1,2})?$/i.test(text) ? Number(text) : null
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : null
  }
}
