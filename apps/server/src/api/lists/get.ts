import { lists } from '@letterlock/db'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { listAnswer } from './list-answer.ts'

/** `GET /lists/{id}` */
export const getList: Handler<'lists.get'> = async (db, { principal, params }) => {
  const list = await lists.findList(db, principal.environmentId, params.id)
  return list ? { status: 200, body: listAnswer(list) } : notFound
}
