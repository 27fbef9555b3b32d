import { contacts } from '@letterlock/db'
import { normaliseEmail } from '@letterlock/mail'
import type { Handler } from '../../http/handler.ts'
import { checkProperties } from '../properties/check-properties.ts'
import { contactAnswer } from './contact-answer.ts'
import { alreadyExists, refusedAddress, saveFailure } from './contact-failures.ts'
import { contactSaving } from './contact-saving.ts'

/** `POST /contacts` */
export const createContact: Handler<'contacts.create'> = async (tx, call) => {
  const email = normaliseEmail(call.body.email)
  if (!email.ok) return refusedAddress('email', email.reason)
  const [refused] = await checkProperties(tx, call.principal.environmentId, { items: [call.body] })
  if (refused) return refused
  const item = { ...call.body, email: email.email, emailKey: email.key }
  const saving = contactSaving(call, { items: [item], onConflict: 'fail' })
  const [saved] = await contacts.saveContacts(tx, call.principal.environmentId, saving)
  if (!saved) throw new Error('every item has an outcome')
  if (saved.outcome === 'created') return { status: 201, body: contactAnswer(saved.contact) }
  return 'contact' in saved ? alreadyExists(saved.contact) : saveFailure(saved)
}
