/** Keys of a workspace by what is known of them: pages of a list, and sets that are changed at once. See decisions/016. */
import type { KeyId, WorkspaceId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import { roleScopes, type WorkspaceKeyRow } from './keys.ts'

/** What a key has to be; all that is given holds at once. */
export interface KeyFilter {
  /** What a request with the key would be told at `now`: an active key that is past its end is `expired`. */
  readonly status?: 'active' | 'disabled' | 'revoked' | 'expired' | undefined
  /** False: no revoked key. */
  readonly isRevoked?: false | undefined
  readonly mode?: 'live' | 'test' | undefined
  readonly owner?: string | undefined
  readonly createdBy?: string | undefined
  /** Its own or of its role. */
  readonly scope?: string | undefined
  /** Last used before this time; a key that never was counts from its creation. */
  readonly unusedSince?: Date | undefined
  /** With an end before this time. */
  readonly expiringBefore?: Date | undefined
  readonly now: Date
}

export interface KeySearch extends KeyFilter {
  readonly limit: number
  /** The id before which the page begins. */
  readonly before?: string | undefined
}

export interface KeyPage {
  /** Newest first; up to `limit + 1`. */
  readonly rows: WorkspaceKeyRow[]
  /** The id up to which keys were looked at, when there may be more behind it and the page is not full. */
  readonly lookedAtUntil: KeyId | null
}

/** Keys that one page looks at, when a filter has to read their rows: some 10 ms. */
export const mostLookedAt = 10_000

/** A page of the keys that a filter is true of. With `scope` or `unusedSince` it may end before it is full. */
export async function listKeys(db: Db, workspaceId: WorkspaceId, search: KeySearch): Promise<KeyPage> {
  const found = await inOrderOfIndex(db, (tx) => selectPage(tx, workspaceId, search).execute())
  const rows = found.flatMap(({ looked_at_until: _, ...row }) => (isKey(row) ? [row] : []))
  return { rows: rows.sort((one, other) => (one.id < other.id ? 1 : -1)), lookedAtUntil: found[0]?.looked_at_until ?? null }
}

/** Has statements walk an index, where the planner, which cannot know how rare a match is, would read and sort the table. */
export function inOrderOfIndex<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().setAccessMode('read only').execute(async (tx) => {
    await sql`select set_config(name, 'off', true) from unnest('{enable_seqscan,enable_bitmapscan,enable_sort}'::text[]) as settings (name)`.execute(tx)
    return work(tx)
  })
}

/**
 * The statement of `listKeys`, which a test has explained. `looked` is read as far as it takes to fill the page, and is
 * asked for its last row when that is not enough: one walk in any case. Without a key in it there is a row all the same.
 */
export function selectPage(db: Db | Tx, workspaceId: WorkspaceId, search: KeySearch) {
  const { limit, before } = search
  const most = readsRows(search) ? mostLookedAt : limit + 1
  const looked = selectByIndex(db, workspaceId, search)
    .select(['id', byRow(workspaceId, search).as('matches')])
    .$if(before !== undefined, (query) => query.where(listedId, '<', before ?? ''))
    .orderBy(listedId, 'desc')
    .limit(most)
  return db
    .with((cte) => cte('looked').materialized(), () => looked)
    .with((cte) => cte('page').materialized(), (query) => query.selectFrom('looked').select('id').where('matches', '=', true).limit(limit + 1))
    .selectFrom(sql<{ looked_at_until: KeyId | null }>`(
      select case when (select count(*) from page) <= ${limit} then (select id from looked offset ${most - 1} limit 1) end as looked_at_until
    )`.as('stop'))
    .leftJoin('page', (join) => join.onTrue())
    .leftJoin('keys', 'keys.id', 'page.id')
    .selectAll('keys')
    .select(['stop.looked_at_until', roleScopes])
    .$castTo<(WorkspaceKeyRow | { id: null }) & { looked_at_until: KeyId | null }>() // columns as the table's checks say
}

function isKey(row: WorkspaceKeyRow | { id: null }): row is WorkspaceKeyRow {
  return row.id !== null
}

/** How many keys a filter is true of. */
export async function countKeys(db: Db | Tx, workspaceId: WorkspaceId, filter: KeyFilter): Promise<number> {
  const { count } = await selectMatching(db, workspaceId, filter)
    .select((column) => column.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

type Few = KeyFilter & { readonly limit: number }

/** The oldest keys that a filter is true of, by id. */
export function listOldestKeys(db: Db | Tx, workspaceId: WorkspaceId, few: Few) {
  return selectOldest(db, workspaceId, few).execute()
}

/** As `listOldestKeys`, and nobody else changes them until the transaction ends. */
export function lockKeys(tx: Tx, workspaceId: WorkspaceId, few: Few) {
  return selectOldest(tx, workspaceId, few).forNoKeyUpdate().execute()
}

function selectOldest(db: Db | Tx, workspaceId: WorkspaceId, { limit, ...filter }: Few) {
  return selectMatching(db, workspaceId, filter)
    .select(['id', 'status'])
    .orderBy(listedId)
    .limit(limit)
    .$castTo<Pick<WorkspaceKeyRow, 'id' | 'status'>>() // columns as the table's checks say
}

function selectMatching(db: Db | Tx, workspaceId: WorkspaceId, filter: KeyFilter) {
  return selectByIndex(db, workspaceId, filter).where(byRow(workspaceId, filter))
}

// as keys_listed has them
const listedId = sql<string>`id collate "POSIX"`
const end = sql<Date>`coalesce(expires_at, 'infinity')`

/** What keys_listed can tell without reading a row: comparisons of its columns with a value, never one or another. */
function selectByIndex(db: Db | Tx, workspaceId: WorkspaceId, filter: KeyFilter) {
  const { status, isRevoked, mode, owner, createdBy, unusedSince, expiringBefore, now } = filter
  return db
    .selectFrom('keys')
    .where('workspace_id', '=', workspaceId)
    .$if(status !== undefined, (query) => query.where('status', '=', status === 'expired' ? 'active' : status ?? ''))
    .$if(status === 'active', (query) => query.where(end, '>', now))
    .$if(status === 'expired', (query) => query.where(end, '<=', now))
    .$if(isRevoked === false, (query) => query.where('status', 'in', ['active', 'disabled']))
    .$if(mode !== undefined, (query) => query.where('mode', '=', mode ?? ''))
    .$if(expiringBefore !== undefined, (query) => query.where(end, '<', expiringBefore ?? now))
    .$if(unusedSince !== undefined, (query) => query.where('last_used_floor', '<', unusedSince ?? now))
    .$if(owner !== undefined, (query) => query.where('owner', '=', owner ?? ''))
    .$if(createdBy !== undefined, (query) => query.where('created_by', '=', createdBy ?? ''))
}

/** What only the row can tell. */
function byRow(workspaceId: WorkspaceId, { scope, unusedSince }: KeyFilter) {
  const isInScope = sql<boolean>`(scopes @> array[${scope}]::text[] or role_id in (
    select roles.id from roles where roles.workspace_id = ${workspaceId} and roles.scopes @> array[${scope}]::text[]
    union all select roles.id from roles where roles.workspace_id is null and roles.scopes @> array[${scope}]::text[]
  ))`
  const isUnused = sql<boolean>`coalesce(last_used_at, created_at) < ${unusedSince}`
  const asked = [...(scope === undefined ? [] : [isInScope]), ...(unusedSince === undefined ? [] : [isUnused])]
  return asked.length === 0 ? sql<boolean>`true` : sql<boolean>`(${sql.join(asked, sql` and `)})`
}

function readsRows({ scope, unusedSince }: KeyFilter): boolean {
  return scope !== undefined || unusedSince !== undefined
}
