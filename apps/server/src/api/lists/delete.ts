import { lists } from '@letterlock/db'
import { failure, notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'

/** `DELETE /lists/{id}` */
export const deleteList: Handler<'lists.delete'> = async (tx, { principal, params }) => {
  switch (await lists.deleteList(tx, principal.environmentId, params.id)) {
    case 'deleted':
      return { status: 204, body: null }
    case 'in_use':
      return failure('invalid_state', 'A campaign that is scheduled, being sent or paused uses this list. Cancel it, or wait until it is sent.')
    case 'not_found':
      return notFound
  }
}
