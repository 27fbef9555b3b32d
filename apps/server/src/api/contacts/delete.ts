import { contacts } from '@letterlock/db'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { contactName } from './contact-name.ts'

/** `DELETE /contacts/{idOrEmail}` */
export const deleteContact: Handler<'contacts.delete'> = async (tx, call) => {
  const name = contactName(call.params.idOrEmail)
  if ('failure' in name) return name
  const deletion = { name, reference: call.requestId, now: call.now }
  const deleted = await contacts.deleteContact(tx, call.principal.environmentId, deletion)
  return deleted ? { status: 204, body: null } : notFound
}
