import type { Issue } from '@letterlock/contract'
import type { contacts } from '@letterlock/db'
import type { AddressProblem } from '@letterlock/mail'
import { failure, type Failure, invalid, notFound } from '../../http/failure.ts'
import { contactAnswer } from './contact-answer.ts'

type Unsaved = Exclude<contacts.SavedContact, { outcome: 'created' | 'updated' | 'skipped' }>

/** Why a contact was not saved; `path` leads to the contact in the body, as in `contacts.3.`. */
export function saveFailure(saved: Unsaved, path = ''): Failure {
  switch (saved.outcome) {
    case 'exists':
      return alreadyExists(saved.contact)
    case 'unknown_list':
      return notFound
    case 'too_many_properties':
    case 'properties_too_large':
      return refusedProperties(saved.outcome, path)
    case 'quota_exceeded':
      return failure('quota_exceeded', 'The plan of this environment allows no more contacts. Delete some, or ask for a larger plan.', {
        members: { meter: 'contacts.stored', limit: saved.limit },
      })
  }
}

export function alreadyExists(existing: contacts.Contact): Failure {
  return failure('already_exists', 'A contact with this address exists. Change that one, or upsert by the address.', {
    members: { existing: contactAnswer(existing) },
  })
}

export function refusedProperties(problem: contacts.PropertiesProblem, path = ''): Failure {
  return invalid([{ path: `${path}properties`, message: propertiesMessages[problem] }])
}

const propertiesMessages: Record<contacts.PropertiesProblem, string> = {
  too_many_properties: 'the contact would have more than 100 properties',
  properties_too_large: 'the properties of the contact would be more than 16,384 bytes of JSON',
}

/** A 400 that says why mail cannot be sent to the address. */
export function refusedAddress(path: string, reason: AddressProblem): Failure {
  return invalid([{ path, message: addressMessages[reason] } satisfies Issue])
}

const addressMessages: Record<AddressProblem, string> = {
  empty: 'expected an e-mail address',
  too_long: 'expected at most 64 characters before the @ and 254 in all',
  control_character: 'must be one line without control characters',
  not_an_address: 'expected an e-mail address',
  local_part_not_supported: 'expected letters, digits and dots before the @; quoted and non-ASCII names are not supported',
  invalid_domain: 'expected a domain with a dot after the @',
  invalid_name: 'expected an e-mail address without a name',
}
