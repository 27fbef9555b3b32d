import { contacts } from '@letterlock/db'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { contactAnswer } from './contact-answer.ts'
import { contactName } from './contact-name.ts'

/** `GET /contacts/{idOrEmail}` */
export const getContact: Handler<'contacts.get'> = async (db, call) => {
  const name = contactName(call.params.idOrEmail)
  if ('failure' in name) return name
  const contact = await contacts.findContact(db, call.principal.environmentId, name)
  return contact ? { status: 200, body: contactAnswer(contact) } : notFound
}
