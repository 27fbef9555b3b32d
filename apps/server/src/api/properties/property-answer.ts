import type { AnswerOf } from '@letterlock/contract'
import type { properties } from '@letterlock/db'

/** A declared property as the wire shows it. */
export function propertyAnswer(property: properties.Property): AnswerOf<'properties.get'>['body'] {
  const { id, key, type, description, fallback, archivedAt, createdAt, updatedAt } = property
  return {
    id,
    key,
    type,
    ...(description !== null && { description }),
    ...(fallback !== null && { fallback }),
    archived: archivedAt !== null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}
