import { contacts } from '@letterlock/db'
import { normaliseEmail } from '@letterlock/mail'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { checkProperties } from '../properties/check-properties.ts'
import { contactAnswer } from './contact-answer.ts'
import { alreadyExists, refusedAddress, refusedProperties } from './contact-failures.ts'
import { contactName } from './contact-name.ts'

/** `PATCH /contacts/{idOrEmail}` */
export const updateContact: Handler<'contacts.update'> = async (tx, call) => {
  const name = contactName(call.params.idOrEmail)
  if ('failure' in name) return name
  const { email, ...changes } = call.body
  const address = email === undefined ? null : normaliseEmail(email)
  if (address && !address.ok) return refusedAddress('email', address.reason)
  const [refused] = await checkProperties(tx, call.principal.environmentId, { items: [changes] })
  if (refused) return refused
  const updated = await contacts.updateContact(tx, call.principal.environmentId, {
    name,
    changes: { ...changes, ...(address && { email: { email: address.email, emailKey: address.key } }) },
    now: call.now,
  })
  switch (updated.state) {
    case 'updated':
      return { status: 200, body: contactAnswer(updated.contact) }
    case 'taken':
      return alreadyExists(updated.existing)
    case 'too_many_properties':
    case 'properties_too_large':
      return refusedProperties(updated.state)
    case 'not_found':
      return notFound
  }
}
