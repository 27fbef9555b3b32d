import { contacts } from '@letterlock/db'
import { normaliseEmail } from '@letterlock/mail'
import type { Handler } from '../../http/handler.ts'
import { checkProperties } from '../properties/check-properties.ts'
import { type BatchItem, batchItem, failedItem } from './batch-item.ts'
import { refusedAddress } from './contact-failures.ts'
import { contactSaving } from './contact-saving.ts'

/** `POST /contacts/batch` */
export const batchContacts: Handler<'contacts.batch'> = async (tx, call) => {
  const { contacts: items, onConflict } = call.body
  const data = new Array<BatchItem>(items.length)
  const toSave: contacts.ContactToSave[] = []
  const places: number[] = []
  const refused = await checkProperties(tx, call.principal.environmentId, { items, pathOf: (index) => `contacts.${index}.` })
  for (const [index, item] of items.entries()) {
    const email = normaliseEmail(item.email)
    const failure = email.ok ? refused[index] : refusedAddress(`contacts.${index}.email`, email.reason)
    if (failure) data[index] = failedItem(failure)
    else if (email.ok) places[toSave.push({ ...item, email: email.email, emailKey: email.key }) - 1] = index
  }
  const saving = contactSaving(call, { items: toSave, onConflict })
  const saved = await contacts.saveContacts(tx, call.principal.environmentId, saving)
  for (const [at, outcome] of saved.entries()) {
    const index = places[at] ?? at
    data[index] = batchItem(outcome, `contacts.${index}.`)
  }
  return { status: 200, body: { data } }
}
