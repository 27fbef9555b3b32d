/** Where secrets were found that nobody should have, and what was done. */
import { type KeyId, type LeakId, newId, type WorkspaceId } from '@letterlock/contract'
import type { Selectable } from 'kysely'
import type { Db, Tx } from './connect.ts'
import type { Leaks } from './schema.ts'

/** `none`: the secret opened nothing any more. `retired`: the secret alone, the key has a newer one. */
export type LeakResponse = 'none' | 'notified' | 'quarantined' | 'retired' | 'revoked'

export type LeakRow = Omit<Selectable<Leaks>, 'id' | 'workspace_id' | 'key_id' | 'source' | 'response'> & {
  id: LeakId
  workspace_id: WorkspaceId | null
  key_id: KeyId
  source: 'github' | 'report'
  response: LeakResponse
}

/** A secret that was found, and where. */
export interface FoundSecret {
  readonly keyId: KeyId
  readonly secretVersion: number
  readonly source: LeakRow['source']
  /** As the source calls it: `content`, `commit`, `npm`. */
  readonly kind: string | null
  readonly url: string | null
  readonly reporterIp: string | null
}

/** Whether this place was told of before; call it with the key locked, and nobody else tells of it meanwhile. */
export async function isKnownLeak(tx: Tx, workspaceId: WorkspaceId | null, { keyId, secretVersion, source, url }: FoundSecret): Promise<boolean> {
  const row = await tx
    .selectFrom('leaks')
    .select('id')
    .where('workspace_id', 'is not distinct from', workspaceId)
    .where('key_id', '=', keyId)
    .where('secret_version', '=', secretVersion)
    .where('source', '=', source)
    .where('url', 'is not distinct from', url)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export function insertLeak(
  tx: Tx, workspaceId: WorkspaceId | null, { response, now, ...found }: FoundSecret & { readonly response: LeakResponse; readonly now: Date },
): Promise<LeakRow> {
  return tx
    .insertInto('leaks')
    .values({
      id: newId('leak'),
      workspace_id: workspaceId,
      key_id: found.keyId,
      secret_version: found.secretVersion,
      source: found.source,
      kind: found.kind,
      url: found.url,
      reporter_ip: found.reporterIp,
      response,
      found_at: now,
    })
    .returningAll()
    .$castTo<LeakRow>() // columns as the table's checks say
    .executeTakeFirstOrThrow()
}

export interface LeakSearch {
  readonly limit: number
  /** The id before which the page begins. */
  readonly before?: string | undefined
  readonly keyId?: KeyId | undefined
}

/** Newest first; up to `limit + 1` leaks. Null: those of root keys. */
export function listLeaks(db: Db | Tx, workspaceId: WorkspaceId | null, { limit, before, keyId }: LeakSearch): Promise<LeakRow[]> {
  return db
    .selectFrom('leaks')
    .selectAll()
    .where('workspace_id', workspaceId === null ? 'is' : '=', workspaceId)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .$if(keyId !== undefined, (query) => query.where('key_id', '=', keyId ?? ''))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .$castTo<LeakRow>() // columns as the table's checks say
    .execute()
}

/** Whether a message with this SHA-256 was acted upon. */
export async function isKnownMessage(db: Db | Tx, digest: Uint8Array): Promise<boolean> {
  const row = await db.selectFrom('leak_messages').select('at').where('digest', '=', Buffer.from(digest)).executeTakeFirst()
  return row !== undefined
}

/** Notes that a message was acted upon, wholly. */
export async function noteMessage(db: Db | Tx, digest: Uint8Array, now: Date): Promise<void> {
  await db
    .insertInto('leak_messages')
    .values({ digest: Buffer.from(digest), at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** For the sweep. */
export async function deleteOldMessages(db: Db | Tx, before: Date): Promise<void> {
  await db.deleteFrom('leak_messages').where('at', '<', before).execute()
}
