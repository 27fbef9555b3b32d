import type { AnswerOf } from '@letterlock/contract'
import { contacts } from '@letterlock/db'
import { normaliseEmail } from '@letterlock/mail'
import type { Failure } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { problemBody } from '../../http/problem.ts'
import { contactSummary } from './contact-answer.ts'
import { alreadyExists, refusedAddress, saveFailure } from './contact-failures.ts'
import { contactSaving } from './contact-saving.ts'

type Item = AnswerOf<'contacts.batch'>['body']['data'][number]

/** `POST /contacts/batch` */
export const batchContacts: Handler<'contacts.batch'> = async (tx, call) => {
  const { contacts: items, onConflict } = call.body
  const data = new Array<Item>(items.length)
  const toSave: contacts.ContactToSave[] = []
  const places: number[] = []
  for (const [index, item] of items.entries()) {
    const email = normaliseEmail(item.email)
    if (!email.ok) data[index] = failed(refusedAddress(`contacts.${index}.email`, email.reason))
    else places[toSave.push({ ...item, email: email.email, emailKey: email.key }) - 1] = index
  }
  const saving = contactSaving(call, { items: toSave, onConflict })
  const saved = await contacts.saveContacts(tx, call.principal.environmentId, saving)
  for (const [at, outcome] of saved.entries()) {
    const index = places[at] ?? at
    data[index] = answer(outcome, `contacts.${index}.`)
  }
  return { status: 200, body: { data } }
}

function answer(saved: contacts.SavedContact, path: string): Item {
  switch (saved.outcome) {
    case 'created':
      return { status: 201, contact: contactSummary(saved.contact) }
    case 'updated':
    case 'skipped':
      return { status: 200, contact: contactSummary(saved.contact) }
    case 'exists':
      return failed({ ...alreadyExists(saved.contact), members: { existing: { id: saved.contact.id } } })
    default:
      return failed(saveFailure(saved, path))
  }
}

function failed(failure: Failure): Item {
  const { issues, ...error } = problemBody(failure)
  return { status: error.status, error: { ...error, ...(issues && { issues: [...issues] }) } }
}
