import { properties } from '@letterlock/db'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { propertyAnswer } from './property-answer.ts'

/** `GET /properties/{key}` */
export const getProperty: Handler<'properties.get'> = async (db, { principal, params }) => {
  const property = await properties.findProperty(db, principal.environmentId, params.key)
  return property ? { status: 200, body: propertyAnswer(property) } : notFound
}
