import { isId } from '@letterlock/contract'
import type { contacts } from '@letterlock/db'
import { normaliseEmail } from '@letterlock/mail'
import type { Failure } from '../../http/failure.ts'
import { refusedAddress } from './contact-failures.ts'

/** Reads the id or address that names a contact in a path. */
export function contactName(idOrEmail: string): contacts.ContactName | Failure {
  if (isId('contact', idOrEmail)) return { id: idOrEmail }
  const email = normaliseEmail(idOrEmail)
  return email.ok ? { emailKey: email.key } : refusedAddress('idOrEmail', email.reason)
}
