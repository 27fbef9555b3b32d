import { z } from 'zod'
import { emailAddress, line, moment, text, timestamp } from '../bounded-text.ts'
import { idSchema } from '../ids.ts'
import { operation, page, pageQuery } from '../operation.ts'
import { problem } from '../problem.ts'
import { recipientState } from './campaigns.ts'
import { emailStatus } from './emails.ts'

export const listStatus = z.enum(['subscribed', 'unconfirmed', 'unsubscribed'])

export const propertyName = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, 'expected a letter, then letters, digits or _ (64 at most)')
export const propertyValue = z.union([text(1_000), z.number(), z.boolean()])

/** `key:value` in a query; the value is read as the type that the property is declared with. */
const propertyEquals = text(1_065)
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}:/, 'expected the key of a declared property, a colon and its value, as in plan:pro')
  .meta({ example: 'plan:pro' })

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

/** How a person agreed to be on the lists, where the caller knows: absent parts are noted as of the API call itself. */
export const consent = z.strictObject({
  source: line(200).optional(),
  ip: z.union([z.ipv4().meta({ example: '192.0.2.7' }), z.ipv6().meta({ example: '2001:db8::7' })]).optional(),
  wording: text(2_000).optional(),
})

const listIds = z.array(idSchema('list')).max(100)
export const newContact = z.strictObject({
  email: emailAddress,
  firstName: line(200).optional(),
  lastName: line(200).optional(),
  properties: properties.optional(),
  listIds: listIds.optional(),
  consent: consent.optional(),
})
const contactChanges = z.strictObject({
  email: emailAddress.optional(),
  firstName: line(200).nullable().optional(),
  lastName: line(200).nullable().optional(),
  properties: propertyChanges.optional(),
})
const upsertedContact = contactChanges.omit({ email: true }).extend({ listIds: listIds.optional(), consent: consent.optional() })

const idOrEmail = z.strictObject({ idOrEmail: z.union([idSchema('contact'), emailAddress]) })

export const batchItem = z.object({
  status: z.number().int(),
  contact: contactSummary.optional(),
  error: problem.omit({ requestId: true }).optional(),
})

const consentEvent = z.object({
  at: timestamp,
  listId: idSchema('list'),
  status: z.enum(['subscribed', 'unconfirmed', 'unsubscribed', 'removed']),
  source: z.string(),
  ip: z.string().optional(),
  wording: z.string().optional(),
})

const campaignMessage = z.object({
  campaignId: idSchema('campaign'),
  subject: z.string().meta({ description: 'As in the campaign, before values were merged in.' }),
  email: z.string(),
  state: recipientState,
  reason: z.string().optional(),
  sentAt: timestamp.optional(),
  deliveredAt: timestamp.optional(),
  bouncedAt: timestamp.optional(),
  complainedAt: timestamp.optional(),
  unsubscribedAt: timestamp.optional(),
})

const personalEmail = z.object({
  id: idSchema('email'),
  subject: z.string(),
  html: z.string().optional(),
  text: z.string().optional(),
  status: emailStatus,
  createdAt: timestamp,
  sentAt: timestamp.optional(),
})

const contactExport = z
  .object({
    exportedAt: timestamp,
    contact,
    suppression: z.object({ origin: z.string(), createdAt: timestamp }).optional(),
    optOuts: z.array(z.object({ listId: idSchema('list'), createdAt: timestamp })),
    consent: z.array(consentEvent),
    campaignMessages: z.array(campaignMessage),
    emails: z.array(personalEmail),
    isComplete: z.boolean().meta({ description: 'False when a list was cut: each has the newest 10,000.' }),
  })
  .meta({ id: 'ContactExport' })

const erasure = z
  .object({
    erasedAt: timestamp,
    contact: z.boolean().meta({ description: 'Whether there was a contact.' }),
    campaignMessages: z.number().int(),
    emails: z.number().int(),
  })
  .meta({ id: 'Erasure' })

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
      property: propertyEquals.optional(),
    }),
    summary: 'List contacts, newest first. `status` is that on `listId`, or on any list; `property` as in `plan:pro`.',
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
  'contacts.export': operation({
    method: 'GET', path: '/contacts/{idOrEmail}/export', scope: 'contacts:read', params: idOrEmail,
    answers: { 200: contactExport }, errors: ['not_found'],
    summary: 'Everything that is stored about one person, to hand to him: fields, consent, messages.',
  }),
  'contacts.erase': operation({
    method: 'POST', path: '/contacts/{idOrEmail}/erase', scope: 'contacts:write', params: idOrEmail, body: z.strictObject({}).optional(),
    answers: { 200: erasure }, errors: ['not_found', 'invalid_state'],
    summary: 'Erase one person for good. A hash of his address stays, so that he is never mailed again.',
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
