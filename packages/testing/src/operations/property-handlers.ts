import { newId } from '@letterlock/contract'
import type { properties } from '@letterlock/db'
import { notFound, propertyAnswer, propertyExists, refusedFallback, tooManyProperties } from '@letterlock/server/product-rooms'
import type { MemoryHandlers } from '../memory-handler.ts'
import { pageOf } from './page-of.ts'

type PropertyHandlers = Pick<MemoryHandlers, Extract<keyof MemoryHandlers, `properties.${string}`>>

const mostDeclared: typeof properties.mostDeclared = 250 // the server's own, which loads a database

export const propertyHandlers: PropertyHandlers = {
  'properties.create': ({ environment, body, now }) => {
    const { key, type, description = null, fallback = null } = body
    const refused = refusedFallback(type, fallback)
    if (refused) return refused
    const known = environment.properties.get(key)
    if (known) return propertyExists(known)
    if (environment.properties.size >= mostDeclared) return tooManyProperties(mostDeclared)
    const property = { id: newId('property'), key, type, description, fallback, archivedAt: null, createdAt: now, updatedAt: now }
    environment.properties.set(key, property)
    return { status: 201, body: propertyAnswer(property) }
  },

  'properties.list': ({ environment, query }) =>
    pageOf([...environment.properties.values()].sort((a, b) => (a.id < b.id ? 1 : -1)), query, { idOf: ({ id }) => id, answer: propertyAnswer }),

  'properties.get': ({ environment, params }) => {
    const property = environment.properties.get(params.key)
    return property ? { status: 200, body: propertyAnswer(property) } : notFound
  },

  'properties.update': ({ environment, params, body, now }) => {
    const property = environment.properties.get(params.key)
    if (!property) return notFound
    const refused = refusedFallback(property.type, body.fallback)
    if (refused) return refused
    const { description = property.description, fallback = property.fallback, archived = property.archivedAt !== null } = body
    const updated = { ...property, description, fallback, archivedAt: archived ? (property.archivedAt ?? now) : null, updatedAt: now }
    environment.properties.set(params.key, updated)
    return { status: 200, body: propertyAnswer(updated) }
  },
}
