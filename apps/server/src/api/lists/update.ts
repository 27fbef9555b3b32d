import { lists } from '@letterlock/db'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { listAnswer } from './list-answer.ts'

/** `PATCH /lists/{id}` */
export const updateList: Handler<'lists.update'> = async (tx, { principal, params, body, now }) => {
  const list = await lists.updateList(tx, principal.environmentId, { id: params.id, changes: body, now })
  return list ? { status: 200, body: listAnswer(list) } : notFound
}
