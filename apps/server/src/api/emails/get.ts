import { emails } from '@letterlock/db'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { emailAnswer } from './email-answer.ts'

/** `GET /emails/{id}` */
export const getEmail: Handler<'emails.get'> = async (db, { principal, params }) => {
  const row = await emails.findEmail(db, principal.environmentId, params.id)
  return row ? { status: 200, body: emailAnswer(row) } : notFound
}
