import { lists } from '@letterlock/db'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'

/** `POST /lists/{id}/contacts` */
export const addContacts: Handler<'lists.addContacts'> = async (tx, { principal, params, body, ip, now }) => {
  const addition = { listId: params.id, contactIds: body.contactIds, consent: body.consent, source: 'api', ip, now }
  const added = await lists.addContacts(tx, principal.environmentId, addition)
  return added ? { status: 200, body: { ...added, refused: [...added.refused] } } : notFound
}
