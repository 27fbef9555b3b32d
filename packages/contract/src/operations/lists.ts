import { z } from 'zod'
import { line, text, timestamp } from '../bounded-text.ts'
import { errorCodeNames } from '../error-codes.ts'
import { idSchema } from '../ids.ts'
import { operation, page, pageQuery } from '../operation.ts'
import { consent } from './contacts.ts'

export const list = z
  .object({
    id: idSchema('list'),
    name: z.string(),
    description: z.string().optional(),
    doubleOptIn: z.boolean(),
    visibility: z.enum(['private', 'public']),
    contactCount: z.number().int().meta({ description: 'Subscribed contacts.' }),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'List' })

const newList = z.strictObject({
  name: line(200),
  description: text(2_000).optional(),
  doubleOptIn: z.boolean().optional(),
  visibility: z.enum(['private', 'public']).optional(),
})
const listChanges = newList.partial().extend({ description: text(2_000).nullable().optional() })
const params = z.strictObject({ id: idSchema('list') })
const contactIds = z.strictObject({ contactIds: z.array(idSchema('contact')).min(1).max(1_000) })
const addition = contactIds.extend({ consent: consent.optional() })

const added = z.object({
  added: z.number().int(),
  alreadyThere: z.number().int(),
  refused: z.array(z.object({ contactId: idSchema('contact'), code: z.enum([...errorCodeNames, 'unsubscribed']) })),
})

export const listOperations = {
  'lists.create': operation({
    method: 'POST', path: '/lists', scope: 'lists:write', body: newList,
    answers: { 201: list }, errors: [], summary: 'Create a list.',
  }),
  'lists.list': operation({
    method: 'GET', path: '/lists', scope: 'lists:read', query: z.strictObject(pageQuery),
    answers: { 200: page(list) }, errors: [], summary: 'List the lists, newest first.',
  }),
  'lists.get': operation({
    method: 'GET', path: '/lists/{id}', scope: 'lists:read', params,
    answers: { 200: list }, errors: ['not_found'], summary: 'Get a list.',
  }),
  'lists.update': operation({
    method: 'PATCH', path: '/lists/{id}', scope: 'lists:write', params, body: listChanges,
    answers: { 200: list }, errors: ['not_found'], summary: 'Change a list. Absent fields stay; null removes.',
  }),
  'lists.delete': operation({
    method: 'DELETE', path: '/lists/{id}', scope: 'lists:write', params,
    answers: { 204: null }, errors: ['not_found', 'invalid_state'],
    summary: 'Delete a list; its contacts stay. Refused while a campaign is being sent to it.',
  }),
  'lists.addContacts': operation({
    method: 'POST', path: '/lists/{id}/contacts', scope: 'lists:write', params, body: addition,
    answers: { 200: added }, errors: ['not_found'],
    summary: 'Add up to 1000 contacts. Who unsubscribed is refused: he alone can come back.',
  }),
  'lists.removeContacts': operation({
    method: 'DELETE', path: '/lists/{id}/contacts', scope: 'lists:write', params, body: contactIds,
    answers: { 200: z.object({ removed: z.number().int() }) }, errors: ['not_found'],
    summary: 'Take up to 1000 contacts off the list. An opt-out stays known.',
  }),
}
