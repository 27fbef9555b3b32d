import type { contacts } from '@letterlock/db'
import { normaliseEmail } from '@letterlock/mail'
import {
  alreadyExists, batchItem, contactAnswer, contactName, exportAnswer, failedItem, notFound, readPropertyFilter, refusedAddress, refusedProperties, saveFailure,
  undeclaredProperties,
} from '@letterlock/server/product-rooms'
import type { EmitEvent } from '../webhooks/test-webhooks.ts'
import { deleteContact, findContact, listContacts, saveContacts, updateContact } from '../memory/contacts.ts'
import { erasePerson } from '../memory/erase-person.ts'
import { findPersonRecord } from '../memory/person-records.ts'
import type { MemoryHandlers } from '../memory-handler.ts'
import { pageOf } from './page-of.ts'

type ContactHandlers = Pick<MemoryHandlers, Extract<keyof MemoryHandlers, `contacts.${string}`>>

export const contactHandlers: ContactHandlers = {
  'contacts.create': ({ environment, body, ip, now, emit }) => {
    const email = normaliseEmail(body.email)
    if (!email.ok) return refusedAddress('email', email.reason)
    const refused = undeclaredProperties([...environment.properties.values()], body.properties)
    if (refused) return refused
    const item = { ...body, email: email.email, emailKey: email.key }
    const saved = saveOne(environment, { items: [item], onConflict: 'fail', ip, now })
    emitSaved(emit, saved)
    if (saved.outcome === 'created') return { status: 201, body: contactAnswer(saved.contact) }
    return 'contact' in saved ? alreadyExists(saved.contact) : saveFailure(saved)
  },

  'contacts.list': ({ environment, query }) => {
    const { email, updatedSince, listId, status } = query
    const address = email === undefined ? null : normaliseEmail(email)
    if (address && !address.ok) return refusedAddress('email', address.reason)
    const property = readPropertyFilter([...environment.properties.values()], query.property)
    if (property && 'failure' in property) return property
    const filter = { emailKey: address?.key, listId, status, property, updatedSince: updatedSince === undefined ? undefined : new Date(updatedSince) }
    return pageOf(listContacts(environment, filter), query, { idOf: ({ id }) => id, answer: contactAnswer })
  },

  'contacts.get': ({ environment, params }) => {
    const name = contactName(params.idOrEmail)
    if ('failure' in name) return name
    const contact = findContact(environment, name)
    return contact ? { status: 200, body: contactAnswer(contact) } : notFound
  },

  'contacts.update': ({ environment, params, body, now, emit }) => {
    const name = contactName(params.idOrEmail)
    if ('failure' in name) return name
    const { email, ...changes } = body
    const address = email === undefined ? null : normaliseEmail(email)
    if (address && !address.ok) return refusedAddress('email', address.reason)
    const refused = undeclaredProperties([...environment.properties.values()], changes.properties)
    if (refused) return refused
    const renamed = address && { email: { email: address.email, emailKey: address.key } }
    const updated = updateContact(environment, { name, changes: { ...changes, ...renamed }, now })
    switch (updated.state) {
      case 'updated':
        emit('contact.updated', contactAnswer(updated.contact))
        return { status: 200, body: contactAnswer(updated.contact) }
      case 'taken':
        return alreadyExists(updated.existing)
      case 'too_many_properties':
      case 'properties_too_large':
        return refusedProperties(updated.state)
      case 'not_found':
        return notFound
    }
  },

  'contacts.upsert': ({ environment, params, body, ip, now, emit }) => {
    const email = normaliseEmail(params.email)
    if (!email.ok) return refusedAddress('email', email.reason)
    const refused = undeclaredProperties([...environment.properties.values()], body.properties)
    if (refused) return refused
    const item = { ...body, email: email.email, emailKey: email.key }
    const saved = saveOne(environment, { items: [item], onConflict: 'update', ip, now })
    emitSaved(emit, saved)
    switch (saved.outcome) {
      case 'created':
        return { status: 201, body: contactAnswer(saved.contact) }
      case 'updated':
      case 'skipped':
        return { status: 200, body: contactAnswer(saved.contact) }
      default:
        return saveFailure(saved)
    }
  },

  'contacts.delete': ({ environment, params, now, emit }) => {
    const name = contactName(params.idOrEmail)
    if ('failure' in name) return name
    const deleted = deleteContact(environment, name, now)
    if (!deleted) return notFound
    emit('contact.deleted', { id: deleted.id, email: deleted.email })
    return { status: 204, body: null }
  },

  'contacts.export': ({ environment, params, now }) => {
    const name = contactName(params.idOrEmail)
    if ('failure' in name) return name
    const record = findPersonRecord(environment, name)
    return record ? { status: 200, body: exportAnswer(record, now) } : notFound
  },

  'contacts.erase': ({ environment, params, now, emit }) => {
    const name = contactName(params.idOrEmail)
    if ('failure' in name) return name
    const erased = erasePerson(environment, name, now)
    if (!erased) return notFound
    const { contact, campaignMessages, emails } = erased
    if (contact) emit('contact.deleted', { id: contact.id, email: contact.email })
    return { status: 200, body: { erasedAt: now.toISOString(), contact: contact !== null, campaignMessages, emails } }
  },

  'contacts.batch': ({ environment, body, ip, now, emit }) => {
    const data: ReturnType<typeof batchItem>[] = []
    const items: contacts.ContactToSave[] = []
    const places: number[] = []
    for (const [index, item] of body.contacts.entries()) {
      const email = normaliseEmail(item.email)
      const path = `contacts.${index}.`
      const failure = email.ok
        ? undeclaredProperties([...environment.properties.values()], item.properties, path)
        : refusedAddress(`${path}email`, email.reason)
      if (failure) data[index] = failedItem(failure)
      else if (email.ok) places[items.push({ ...item, email: email.email, emailKey: email.key }) - 1] = index
    }
    for (const [at, saved] of saveContacts(environment, { items, onConflict: body.onConflict, ip, now }).entries()) {
      const index = places[at] ?? at
      emitSaved(emit, saved)
      data[index] = batchItem(saved, `contacts.${index}.`)
    }
    return { status: 200, body: { data } }
  },
}

function saveOne(...[environment, saving]: Parameters<typeof saveContacts>): contacts.SavedContact {
  const [saved] = saveContacts(environment, saving)
  if (!saved) throw new Error('every item has an outcome')
  return saved
}

function emitSaved(emit: EmitEvent, saved: contacts.SavedContact): void {
  if (saved.outcome === 'created') emit('contact.created', contactAnswer(saved.contact))
  if (saved.outcome === 'updated') emit('contact.updated', contactAnswer(saved.contact))
}
