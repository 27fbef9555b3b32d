import { z } from 'zod'
import { emailAddress, line, moment, text, timestamp } from '../bounded-text.ts'
import { idSchema } from '../ids.ts'
import { operation, page, pageQuery } from '../operation.ts'
import { problem } from '../problem.ts'

export const listStatus = z.enum(['subscribed', 'unconfirmed', 'unsubscribed'])

const propertyName = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, 'expected a letter, then letters, digits or _ (64 at most)')
const propertyValue = z.union([text(1_000), z.number(), z.boolean()])

/**
 * At most 100 properties, as JSON at most 16 KiB; the size is examined as the contact is saved, since that counts what
 * it has already. In changes, null removes a property and absent ones stay.
 */
const properties = z.record(propertyName, propertyValue).refine(atMost100, 'at most 100 properties')
const propertyChanges = z.record(propertyName, propertyValue.nullable()).refine(atMost100, 'at most 100 properties')

export const contact = z
  .object({
    id: idSchema('contact'),
    email: z.string(),
    firstName: z.string().optional(),
    lastName: z.string().optional(),
    properties: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    lists: z.array(z.object({ id: idSchema('list'), status: listStatus })),
    suppressed: z.boolean(),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'Contact' })

/** What a batch answers of each contact: its size has a bound, however much is stored. */
export const contactSummary = contact.omit({ properties: true, lists: true }).meta({ id: 'ContactSummary' })

const listIds = z.array(idSchema('list')).max(100)
export const newContact = z.strictObject({
  email: emailAddress,
  firstName: line(200).optional(),
  lastName: line(200).optional(),
  properties: properties.optional(),
  listIds: listIds.optional(),
})
const contactChanges = z.strictObject({
  email: emailAddress.optional(),
  firstName: line(200).nullable().optional(),
  lastName: line(200).nullable().optional(),
  properties: propertyChanges.optional(),
})
const upsertedContact = contactChanges.omit({ email: true }).extend({ listIds: listIds.optional() })

const idOrEmail = z.strictObject({ idOrEmail: z.union([idSchema('contact'), emailAddress]) })

export const batchItem = z.object({
  status: z.number().int(),
  contact: contactSummary.optional(),
  error: problem.omit({ requestId: true }).optional(),
})

export const contactOperations = {
  'contacts.create': operation({
    method: 'POST', path: '/contacts', scope: 'contacts:write', body: newContact,
    answers: { 201: contact }, errors: ['already_exists', 'not_found', 'quota_exceeded'],
    summary: 'Create a contact.',
  }),
  'contacts.list': operation({
    method: 'GET', path: '/contacts', scope: 'contacts:read', answers: { 200: page(contact) }, errors: [],
    query: z.strictObject({
      ...pageQuery,
      email: emailAddress.optional(),
      listId: idSchema('list').optional(),
      status: listStatus.optional(),
      updatedSince: moment.optional(),
    }),
    summary: 'List contacts, newest first. `status` is that on `listId`, or on any list.',
  }),
  'contacts.get': operation({
    method: 'GET', path: '/contacts/{idOrEmail}', scope: 'contacts:read', params: idOrEmail,
    answers: { 200: contact }, errors: ['not_found'], summary: 'Get a contact by id or e-mail address.',
  }),
  'contacts.update': operation({
    method: 'PATCH', path: '/contacts/{idOrEmail}', scope: 'contacts:write', params: idOrEmail, body: contactChanges,
    answers: { 200: contact }, errors: ['not_found', 'already_exists'],
    summary: 'Change a contact. Absent fields stay; null removes.',
  }),
  'contacts.upsert': operation({
    method: 'PUT', path: '/contacts/{email}', scope: 'contacts:write', params: z.strictObject({ email: emailAddress }),
    body: upsertedContact, answers: { 200: contact, 201: contact }, errors: ['not_found', 'quota_exceeded'],
    summary: 'Create the contact with this address, or change it.',
  }),
  'contacts.delete': operation({
    method: 'DELETE', path: '/contacts/{idOrEmail}', scope: 'contacts:write', params: idOrEmail,
    answers: { 204: null }, errors: ['not_found'], summary: 'Delete a contact.',
  }),
  'contacts.batch': operation({
    method: 'POST', path: '/contacts/batch', scope: 'contacts:write',
    body: z.strictObject({
      contacts: z.array(newContact).min(1).max(1_000),
      onConflict: z.enum(['update', 'skip', 'fail']).default('update'),
    }),
    answers: { 200: z.object({ data: z.array(batchItem) }) }, errors: ['not_found', 'quota_exceeded'],
    summary: 'Create or change up to 1000 contacts; one answer per item, in order, without properties and lists.',
  }),
}

function atMost100(record: Record<string, unknown>) {
  return Object.keys(record).length <= 100
}
