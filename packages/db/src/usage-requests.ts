/** The search in the records of requests, newest first. */
import type { EnvironmentId, KeyId, RequestId } from '@letterlock/contract'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import type { UsageRequests } from './schema.ts'
import { timeOfId } from './time-of-id.ts'

interface Columns {
  request_id: RequestId
  environment_id: EnvironmentId
  key_id: KeyId
}

export type RequestRow = Omit<Selectable<UsageRequests>, keyof Columns> & Columns

export interface RequestSearch {
  readonly from: Date
  /** Before this time. */
  readonly to: Date
  readonly keyId?: KeyId | undefined
  readonly status?: number | undefined
  /** One of these. */
  readonly operations?: readonly string[] | undefined
  readonly outcome?: string | undefined
  readonly requestId?: RequestId | undefined
  /** Only rows before this one; the last of the page before. */
  readonly before?: { readonly at: Date; readonly requestId: RequestId } | undefined
  readonly limit: number
}

/** Up to `limit + 1` rows. Days older than what is kept of records have none. */
export async function listRequests(db: Db | Tx, environmentId: EnvironmentId, search: RequestSearch): Promise<RequestRow[]> {
  return selectRequests(db, environmentId, search).execute()
}

/** The statement of `listRequests()`. */
export function selectRequests(db: Db | Tx, environmentId: EnvironmentId, search: RequestSearch) {
  const { keyId, status, operations, outcome, requestId, before, limit } = search
  const { from, to } = requestId === undefined ? search : within(search, timeOfId(requestId))
  return db
    .selectFrom('usage_requests')
    .selectAll()
    .where('environment_id', '=', environmentId)
    .where('at', '>=', from)
    .where('at', '<', to)
    .$if(keyId !== undefined, (query) => query.where('key_id', '=', keyId ?? ''))
    .$if(status !== undefined, (query) => query.where('status', '=', status ?? 0))
    .$if(operations !== undefined, (query) => query.where(sql<boolean>`operation = any(${operations ?? []})`))
    .$if(outcome !== undefined, (query) => query.where('outcome', '=', outcome ?? ''))
    .$if(requestId !== undefined, (query) => query.where('request_id', '=', requestId ?? ''))
    // the first says to the planner which partitions and which end of the index; the second is exact
    .$if(before !== undefined, (query) => query
      .where('at', '<=', before?.at ?? to)
      .where(sql<boolean>`(at, request_id) < (${before?.at ?? to}, ${before?.requestId ?? ''})`))
    .orderBy('at', 'desc')
    .orderBy('request_id', 'desc')
    .limit(limit + 1)
    .$castTo<RequestRow>() // as they were written
}

/** What a replay looks at of a request. */
export type RequestInOrder = Pick<RequestRow, 'at' | 'request_id' | 'key_id' | 'operation' | 'outcome' | 'ip'>

/** Up to `limit` requests of a span, oldest first, from the one after `after` on. */
export function listRequestsInOrder(
  db: Db | Tx, environmentId: EnvironmentId, { from, to, after, limit }: { from: Date; to: Date; after: RequestInOrder | null; limit: number },
): Promise<RequestInOrder[]> {
  return db
    .selectFrom('usage_requests')
    .select(['at', 'request_id', 'key_id', 'operation', 'outcome', 'ip'])
    .where('environment_id', '=', environmentId)
    .where('at', '>=', after?.at ?? from)
    .where('at', '<', to)
    .$if(after !== null, (query) => query.where(sql<boolean>`(at, request_id) > (${after?.at ?? from}, ${after?.request_id ?? ''})`))
    .orderBy('at')
    .orderBy('request_id')
    .limit(limit)
    .$castTo<RequestInOrder>() // as they were written
    .execute()
}

/** The part of a span in which a request whose id was made at a time can have begun. */
function within({ from, to }: { from: Date; to: Date }, madeAt: number): { from: Date; to: Date } {
  return { from: new Date(Math.max(from.getTime(), madeAt - 60_000)), to: new Date(Math.min(to.getTime(), madeAt + 60_000)) }
}

/**
 * How many requests from `from` until before `to` are counted and have no record, because the database was out of reach
 * for long. Whole minutes; of days whose minutes are no longer kept nothing is known.
 */
export async function countDropped(db: Db | Tx, environmentId: EnvironmentId, { from, to }: { from: Date; to: Date }): Promise<number> {
  const { dropped } = await db
    .selectFrom('usage_minutes')
    .select((column) => column.fn.coalesce(column.fn.sum<string>('dropped'), sql<string>`0`).as('dropped'))
    .where('environment_id', '=', environmentId)
    .where('minute', '>=', from)
    .where('minute', '<', to)
    .executeTakeFirstOrThrow()
  return Number(dropped)
}
