import { contacts, properties } from '@letterlock/db'
import { normaliseEmail } from '@letterlock/mail'
import { toPage } from '../../http/cursor.ts'
import type { Handler } from '../../http/handler.ts'
import { readPropertyFilter } from '../properties/read-property-filter.ts'
import { readCursor } from '../read-cursor.ts'
import { contactAnswer } from './contact-answer.ts'
import { refusedAddress } from './contact-failures.ts'

/** `GET /contacts` */
export const listContacts: Handler<'contacts.list'> = async (db, call) => {
  const { limit, cursor, email, listId, status, updatedSince } = call.query
  const position = readCursor(cursor)
  if ('failure' in position) return position
  const address = email === undefined ? null : normaliseEmail(email)
  if (address && !address.ok) return refusedAddress('email', address.reason)
  const declared = call.query.property === undefined ? [] : await properties.listDeclared(db, call.principal.environmentId)
  const property = readPropertyFilter(declared, call.query.property)
  if (property && 'failure' in property) return property
  const rows = await contacts.listContacts(db, call.principal.environmentId, {
    ...position,
    limit: limit + 1,
    emailKey: address?.key,
    listId,
    status,
    property,
    updatedSince: updatedSince === undefined ? undefined : new Date(updatedSince),
  })
  return { status: 200, body: toPage(rows, limit, { idOf: ({ id }) => id, answer: contactAnswer }) }
}
