import { z } from 'zod'
import { text, timestamp } from '../bounded-text.ts'
import { idSchema } from '../ids.ts'
import { operation, page, pageQuery } from '../operation.ts'
import { propertyName, propertyValue } from './contacts.ts'

const propertyType = z.enum(['string', 'number', 'boolean', 'date'])

const property = z
  .object({
    id: idSchema('property'),
    key: z.string(),
    type: propertyType.meta({ description: 'For good. A date is a text: `2026-11-22`, or a time of RFC 3339.' }),
    description: z.string().optional(),
    fallback: z.union([z.string(), z.number(), z.boolean()]).optional().meta({ description: 'What templates show for a contact without the property.' }),
    archived: z.boolean().meta({ description: 'Whether contacts are given no more values of it; those they have stay.' }),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'Property' })

const newProperty = z.strictObject({
  key: propertyName,
  type: propertyType,
  description: text(2_000).optional(),
  fallback: propertyValue.optional(),
})
const propertyChanges = z.strictObject({
  description: text(2_000).nullable().optional(),
  fallback: propertyValue.nullable().optional(),
  archived: z.boolean().optional(),
})
const params = z.strictObject({ key: propertyName })

export const propertyOperations = {
  'properties.create': operation({
    method: 'POST', path: '/properties', scope: 'properties:write', body: newProperty,
    answers: { 201: property }, errors: ['already_exists', 'invalid_state'],
    summary: 'Declare a property of contacts. With the first, contacts take declared ones alone.',
  }),
  'properties.list': operation({
    method: 'GET', path: '/properties', scope: 'properties:read', query: z.strictObject(pageQuery),
    answers: { 200: page(property) }, errors: [], summary: 'List the declared properties, newest first.',
  }),
  'properties.get': operation({
    method: 'GET', path: '/properties/{key}', scope: 'properties:read', params,
    answers: { 200: property }, errors: ['not_found'], summary: 'Get a declared property.',
  }),
  'properties.update': operation({
    method: 'PATCH', path: '/properties/{key}', scope: 'properties:write', params, body: propertyChanges,
    answers: { 200: property }, errors: ['not_found'],
    summary: 'Change or archive a property; its type stays. Absent fields stay; null removes.',
  }),
}
