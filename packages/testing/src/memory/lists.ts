import { type ListId, newId } from '@letterlock/contract'
import type { lists } from '@letterlock/db'
import type { MemoryEnvironment, StoredList } from './environment.ts'

export function createList(
  environment: MemoryEnvironment,
  { name, description = null, doubleOptIn = false, visibility = 'private', now }: lists.ListChanges & { name: string; now: Date },
): lists.List {
  const id = newId('list')
  environment.lists.set(id, { id, name, description, doubleOptIn, visibility, createdAt: now, updatedAt: now })
  environment.members.set(id, new Map())
  return findList(environment, id) as lists.List // it was set just now
}

/** The list, or null. */
export function findList(environment: MemoryEnvironment, id: ListId): lists.List | null {
  const list = environment.lists.get(id)
  return list ? withCount(environment, list) : null
}

/** All lists, newest first. */
export function listLists(environment: MemoryEnvironment): lists.List[] {
  return [...environment.lists.values()].reverse().map((list) => withCount(environment, list))
}

/** The changed list, or null. */
export function updateList(
  environment: MemoryEnvironment, { id, changes, now }: { id: ListId; changes: lists.ListChanges; now: Date },
): lists.List | null {
  const list = environment.lists.get(id)
  if (!list) return null
  const { name = list.name, description = list.description, doubleOptIn = list.doubleOptIn, visibility = list.visibility } = changes
  environment.lists.set(id, { ...list, name, description, doubleOptIn, visibility, updatedAt: now })
  return findList(environment, id)
}

/** Deletes a list with its memberships, unless a campaign that is under way includes or excludes it. */
export function deleteList(environment: MemoryEnvironment, id: ListId): 'deleted' | 'not_found' | 'in_use' {
  if (!environment.lists.has(id)) return 'not_found'
  const isUsed = [...environment.campaigns.values()].some(({ status, list_ids, exclude_list_ids }) =>
    ['scheduled', 'sending', 'paused'].includes(status) && [...list_ids, ...exclude_list_ids].includes(id))
  if (isUsed) return 'in_use'
  environment.lists.delete(id)
  environment.members.delete(id)
  return 'deleted'
}

function withCount({ members }: MemoryEnvironment, list: StoredList): lists.List {
  const subscribed = [...(members.get(list.id)?.values() ?? [])].filter((status) => status === 'subscribed')
  return { ...list, contactCount: subscribed.length }
}
