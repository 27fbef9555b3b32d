import { listAnswer, listInUse, notFound } from '@letterlock/server/product-rooms'
import { createList, deleteList, findList, listLists, updateList } from '../memory/lists.ts'
import { addContacts, removeContacts } from '../memory/members.ts'
import type { MemoryHandlers } from '../memory-handler.ts'
import { pageOf } from './page-of.ts'

type ListHandlers = Pick<MemoryHandlers, Extract<keyof MemoryHandlers, `lists.${string}`>>

export const listHandlers: ListHandlers = {
  'lists.create': ({ environment, body, now }) => ({ status: 201, body: listAnswer(createList(environment, { ...body, now })) }),

  'lists.list': ({ environment, query }) => pageOf(listLists(environment), query, { idOf: ({ id }) => id, answer: listAnswer }),

  'lists.get': ({ environment, params }) => {
    const list = findList(environment, params.id)
    return list ? { status: 200, body: listAnswer(list) } : notFound
  },

  'lists.update': ({ environment, params, body, now }) => {
    const list = updateList(environment, { id: params.id, changes: body, now })
    return list ? { status: 200, body: listAnswer(list) } : notFound
  },

  'lists.delete': ({ environment, params }) => {
    switch (deleteList(environment, params.id)) {
      case 'deleted':
        return { status: 204, body: null }
      case 'in_use':
        return listInUse
      case 'not_found':
        return notFound
    }
  },

  'lists.addContacts': ({ environment, params, body, ip, now }) => {
    if (!environment.lists.has(params.id)) return notFound
    const { refused, ...added } = addContacts(environment, { listId: params.id, ...body, ip, now })
    return { status: 200, body: { ...added, refused: [...refused] } }
  },

  'lists.removeContacts': ({ environment, params, body, ip, now }) => {
    if (!environment.lists.has(params.id)) return notFound
    return { status: 200, body: { removed: removeContacts(environment, { listId: params.id, ...body, ip, now }) } }
  },
}
