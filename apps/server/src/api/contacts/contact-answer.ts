import type { AnswerOf } from '@letterlock/contract'
import type { contacts } from '@letterlock/db'

export type ContactAnswer = AnswerOf<'contacts.get'>['body']

/** A stored contact as the wire shows it. */
export function contactAnswer(contact: contacts.Contact): ContactAnswer {
  const { id, email, firstName, lastName, properties, lists, suppressed, createdAt, updatedAt } = contact
  return {
    id,
    email,
    ...(firstName !== null && { firstName }),
    ...(lastName !== null && { lastName }),
    properties: { ...properties },
    lists: [...lists],
    suppressed,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}
