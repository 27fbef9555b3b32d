import { contacts } from '@letterlock/db'
import { normaliseEmail } from '@letterlock/mail'
import type { Handler } from '../../http/handler.ts'
import { checkProperties } from '../properties/check-properties.ts'
import { contactAnswer } from './contact-answer.ts'
import { refusedAddress, saveFailure } from './contact-failures.ts'
import { contactSaving } from './contact-saving.ts'

/** `PUT /contacts/{email}` */
export const upsertContact: Handler<'contacts.upsert'> = async (tx, call) => {
  const email = normaliseEmail(call.params.email)
  if (!email.ok) return refusedAddress('email', email.reason)
  const [refused] = await checkProperties(tx, call.principal.environmentId, { items: [call.body] })
  if (refused) return refused
  const item = { ...call.body, email: email.email, emailKey: email.key }
  const saving = contactSaving(call, { items: [item], onConflict: 'update' })
  const [saved] = await contacts.saveContacts(tx, call.principal.environmentId, saving)
  if (!saved) throw new Error('every item has an outcome')
  switch (saved.outcome) {
    case 'created':
      return { status: 201, body: contactAnswer(saved.contact) }
    case 'updated':
    case 'skipped':
      return { status: 200, body: contactAnswer(saved.contact) }
    default:
      return saveFailure(saved)
  }
}
