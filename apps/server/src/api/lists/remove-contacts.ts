import { lists } from '@letterlock/db'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'

/** `DELETE /lists/{id}/contacts` */
export const removeContacts: Handler<'lists.removeContacts'> = async (tx, { principal, params, body, ip, now }) => {
  const removal = { listId: params.id, contactIds: body.contactIds, source: 'api', ip, now }
  const removed = await lists.removeContacts(tx, principal.environmentId, removal)
  return removed ? { status: 200, body: removed } : notFound
}
