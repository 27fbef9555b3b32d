import { properties } from '@letterlock/db'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { propertyAnswer } from './property-answer.ts'
import { refusedFallback } from './property-failures.ts'

/** `PATCH /properties/{key}` */
export const updateProperty: Handler<'properties.update'> = async (tx, { principal, params, body, now }) => {
  const property = await properties.findProperty(tx, principal.environmentId, params.key)
  if (!property) return notFound
  const refused = refusedFallback(property.type, body.fallback)
  if (refused) return refused
  const updated = await properties.updateProperty(tx, principal.environmentId, { key: params.key, changes: body, now })
  return updated ? { status: 200, body: propertyAnswer(updated) } : notFound
}
