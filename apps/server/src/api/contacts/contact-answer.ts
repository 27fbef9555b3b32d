import type { AnswerOf } from '@letterlock/contract'
import type { contacts } from '@letterlock/db'

export type ContactAnswer = AnswerOf<'contacts.get'>['body']
export type ContactSummary = NonNullable<AnswerOf<'contacts.batch'>['body']['data'][number]['contact']>

/** A stored contact as the wire shows it. */
export function contactAnswer(contact: contacts.Contact): ContactAnswer {
  return { ...contactSummary(contact), properties: { ...contact.properties }, lists: [...contact.lists] }
}

/** A stored contact without what may be long. */
export function contactSummary(contact: contacts.Contact): ContactSummary {
  const { id, email, firstName, lastName, suppressed, createdAt, updatedAt } = contact
  return {
    id,
    email,
    ...(firstName !== null && { firstName }),
    ...(lastName !== null && { lastName }),
    suppressed,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}
