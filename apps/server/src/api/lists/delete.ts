import { lists } from '@letterlock/db'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { listInUse } from './list-in-use.ts'

/** `DELETE /lists/{id}` */
export const deleteList: Handler<'lists.delete'> = async (tx, { principal, params }) => {
  switch (await lists.deleteList(tx, principal.environmentId, params.id)) {
    case 'deleted':
      return { status: 204, body: null }
    case 'in_use':
      return listInUse
    case 'not_found':
      return notFound
  }
}
