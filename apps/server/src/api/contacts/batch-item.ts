import type { AnswerOf } from '@letterlock/contract'
import type { contacts } from '@letterlock/db'
import type { Failure } from '../../http/failure.ts'
import { problemBody } from '../../http/problem.ts'
import { contactSummary } from './contact-answer.ts'
import { alreadyExists, saveFailure } from './contact-failures.ts'

export type BatchItem = AnswerOf<'contacts.batch'>['body']['data'][number]

/** What a batch answers of one contact; `path` leads to it in the body, as in `contacts.3.`. */
export function batchItem(saved: contacts.SavedContact, path: string): BatchItem {
  switch (saved.outcome) {
    case 'created':
      return { status: 201, contact: contactSummary(saved.contact) }
    case 'updated':
    case 'skipped':
      return { status: 200, contact: contactSummary(saved.contact) }
    case 'exists':
      return failedItem({ ...alreadyExists(saved.contact), members: { existing: { id: saved.contact.id } } })
    default:
      return failedItem(saveFailure(saved, path))
  }
}

/** The item of a contact that was not saved. */
export function failedItem(failure: Failure): BatchItem {
  const { issues, ...error } = problemBody(failure)
  return { status: error.status, error: { ...error, ...(issues && { issues: [...issues] }) } }
}
