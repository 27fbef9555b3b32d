import { properties } from '@letterlock/db'
import type { Handler } from '../../http/handler.ts'
import { propertyAnswer } from './property-answer.ts'
import { propertyExists, refusedFallback, tooManyProperties } from './property-failures.ts'

/** `POST /properties` */
export const createProperty: Handler<'properties.create'> = async (tx, { principal, body, now }) => {
  const refused = refusedFallback(body.type, body.fallback)
  if (refused) return refused
  const declared = await properties.declareProperty(tx, principal.environmentId, { ...body, now })
  switch (declared.state) {
    case 'declared':
      return { status: 201, body: propertyAnswer(declared.property) }
    case 'exists':
      return propertyExists(declared.property)
    case 'too_many':
      return tooManyProperties(properties.mostDeclared)
  }
}
