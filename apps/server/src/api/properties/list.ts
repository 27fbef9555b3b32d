import { properties } from '@letterlock/db'
import { toPage } from '../../http/cursor.ts'
import type { Handler } from '../../http/handler.ts'
import { readCursor } from '../read-cursor.ts'
import { propertyAnswer } from './property-answer.ts'

/** `GET /properties` */
export const listProperties: Handler<'properties.list'> = async (db, { principal, query: { limit, cursor } }) => {
  const position = readCursor(cursor)
  if ('failure' in position) return position
  const rows = await properties.listProperties(db, principal.environmentId, { ...position, limit: limit + 1 })
  return { status: 200, body: toPage(rows, limit, { idOf: ({ id }) => id, answer: propertyAnswer }) }
}
