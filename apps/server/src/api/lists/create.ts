import { lists } from '@letterlock/db'
import type { Handler } from '../../http/handler.ts'
import { listAnswer } from './list-answer.ts'

/** `POST /lists` */
export const createList: Handler<'lists.create'> = async (tx, { principal, body, now }) => {
  const list = await lists.createList(tx, principal.environmentId, { ...body, now })
  return { status: 201, body: listAnswer(list) }
}
