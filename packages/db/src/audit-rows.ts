/** The rows of the audit log as they are read: searched by newest first, or in the order of their chain. */
import type { WorkspaceId } from '@letterlock/contract'
import type { Selectable } from 'kysely'
import type { Db, Tx } from './connect.ts'
import type { AuditEvents } from './schema.ts'

/** The chain of the installation itself: root keys, and what belongs to no workspace. */
export const installationChain = ''

export type Chain = WorkspaceId | typeof installationChain

export type AuditEventRow = Selectable<AuditEvents>

export interface AuditSearch {
  readonly limit: number
  /** The number before which the page begins. */
  readonly before?: number | undefined
  readonly actor?: string | undefined
  readonly action?: string | undefined
  readonly target?: string | undefined
  readonly from?: Date | undefined
  /** Before this time. */
  readonly to?: Date | undefined
}

/** Newest first; up to `limit + 1` events. */
export function listAuditEvents(db: Db | Tx, chain: Chain, search: AuditSearch): Promise<AuditEventRow[]> {
  return selectAuditEvents(db, chain, search).execute()
}

/** The statement of `listAuditEvents()`. */
export function selectAuditEvents(db: Db | Tx, chain: Chain, { limit, before, actor, action, target, from, to }: AuditSearch) {
  return db
    .selectFrom('audit_events')
    .selectAll()
    .where('workspace_id', '=', chain)
    .$if(before !== undefined, (query) => query.where('sequence', '<', before ?? 0))
    .$if(actor !== undefined, (query) => query.where('actor', '=', actor ?? ''))
    .$if(action !== undefined, (query) => query.where('action', '=', action ?? ''))
    .$if(target !== undefined, (query) => query.where('target', '=', target ?? ''))
    .$if(from !== undefined, (query) => query.where('at', '>=', from ?? new Date(0)))
    .$if(to !== undefined, (query) => query.where('at', '<', to ?? new Date(0)))
    .orderBy('sequence', 'desc')
    .limit(limit + 1)
}

/** Up to `limit` events after a number, in the order of the chain. */
export function readChain(db: Db | Tx, chain: Chain, { after, limit }: { after: number; limit: number }): Promise<AuditEventRow[]> {
  return db
    .selectFrom('audit_events')
    .selectAll()
    .where('workspace_id', '=', chain)
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(limit)
    .execute()
}

/** The end of the chain, as it was noted when its last row was written; null before the first. */
export async function findHead(db: Db | Tx, chain: Chain): Promise<{ sequence: number; hash: Buffer } | null> {
  return (await db.selectFrom('audit_heads').select(['sequence', 'hash']).where('workspace_id', '=', chain).executeTakeFirst()) ?? null
}
