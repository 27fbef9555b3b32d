/** Secrets on their way to the owner of a key, each sealed under a link that is not stored. */
import type { KeyId, SecretShareId, WorkspaceId } from '@letterlock/contract'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import type { SecretShares } from './schema.ts'

/** A share without what is sealed in it. */
export type SecretShareRow = Omit<Selectable<SecretShares>, 'id' | 'workspace_id' | 'key_id' | 'lookup' | 'sealed'> & {
  id: SecretShareId
  workspace_id: WorkspaceId
  key_id: KeyId
}

export interface NewSecretShare {
  readonly id: SecretShareId
  readonly keyId: KeyId
  readonly lookup: Uint8Array
  readonly sealed: Uint8Array
  readonly note: string | null
  readonly createdBy: string
  readonly expiresAt: Date
  readonly now: Date
}

export function insertShare(tx: Tx, workspaceId: WorkspaceId, share: NewSecretShare): Promise<SecretShareRow> {
  return tx
    .insertInto('secret_shares')
    .values({
      id: share.id,
      workspace_id: workspaceId,
      key_id: share.keyId,
      lookup: Buffer.from(share.lookup),
      sealed: Buffer.from(share.sealed),
      note: share.note,
      created_by: share.createdBy,
      created_at: share.now,
      expires_at: share.expiresAt,
    })
    .returning(columns)
    .$castTo<SecretShareRow>() // ids as they were inserted
    .executeTakeFirstOrThrow()
}

export interface ShareSearch {
  readonly limit: number
  /** The id before which the page begins. */
  readonly before?: string | undefined
  readonly keyId?: KeyId | undefined
}

/** Newest first; up to `limit + 1` shares. */
export function listShares(db: Db | Tx, workspaceId: WorkspaceId, { limit, before, keyId }: ShareSearch): Promise<SecretShareRow[]> {
  return selectShares(db)
    .where('workspace_id', '=', workspaceId)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .$if(keyId !== undefined, (query) => query.where('key_id', '=', keyId ?? ''))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
}

/** The share, and nobody else changes it until the transaction ends. For management, which sees every workspace. */
export async function lockShare(tx: Tx, id: SecretShareId): Promise<SecretShareRow | null> {
  const row = await selectShares(tx).where('id', '=', id).forUpdate().executeTakeFirst()
  return row ?? null
}

/** Takes a locked share back: what was sealed is gone. */
export function revokeShare(tx: Tx, workspaceId: WorkspaceId, { id, now }: { id: SecretShareId; now: Date }): Promise<SecretShareRow> {
  return tx
    .updateTable('secret_shares')
    .set({ revoked_at: now, sealed: null })
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .returning(columns)
    .$castTo<SecretShareRow>() // ids as they were inserted
    .executeTakeFirstOrThrow()
}

/** What a link leads to; the key by its name, so that the owner knows what he was given. */
export type LinkedShare = SecretShareRow & { readonly key_name: string; readonly key_mode: string; readonly key_status: string }

/** For the page behind the link: who has it needs no workspace. */
export async function findLinkedShare(db: Db | Tx, lookup: Uint8Array): Promise<LinkedShare | null> {
  const row = await selectShares(db)
    .innerJoin('keys', 'keys.id', 'secret_shares.key_id')
    .select(['keys.name as key_name', 'keys.mode as key_mode', 'keys.status as key_status'])
    .where('secret_shares.lookup', '=', Buffer.from(lookup))
    .$castTo<LinkedShare>() // ids as they were inserted
    .executeTakeFirst()
  return row ?? null
}

/**
 * Takes out what is sealed in a share that waits; null when it waits no more. The race: of many openings at once, and of
 * one and a taking back, the row lock lets one in, and those after it find nothing sealed.
 */
export async function openShare(
  tx: Tx, workspaceId: WorkspaceId, { id, ip, now }: { readonly id: SecretShareId; readonly ip: string; readonly now: Date },
): Promise<Buffer | null> {
  const { rows } = await sql<{ sealed: Buffer }>`
    with waiting as (
      select s.id, s.sealed from secret_shares s join keys k on k.id = s.key_id
      where s.workspace_id = ${workspaceId} and s.id = ${id} and s.sealed is not null and s.expires_at > ${now}::timestamptz
        and k.status <> 'revoked'
      for update of s
    )
    update secret_shares s set sealed = null, opened_at = ${now}, opened_ip = ${ip}
    from waiting w where s.id = w.id
    returning w.sealed
  `.execute(tx)
  return rows[0]?.sealed ?? null
}

/** Throws away what nobody has taken in time. For the sweep, which sees every workspace. */
export async function forgetExpiredShares(db: Db | Tx, now: Date): Promise<void> {
  await sql`update secret_shares set sealed = null where sealed is not null and expires_at <= ${now}::timestamptz`.execute(db)
}

const columns = [
  'secret_shares.id', 'secret_shares.workspace_id', 'secret_shares.key_id', 'secret_shares.note', 'secret_shares.created_by',
  'secret_shares.created_at', 'secret_shares.expires_at', 'secret_shares.opened_at', 'secret_shares.opened_ip', 'secret_shares.revoked_at',
] as const

function selectShares(db: Db | Tx) {
  return db.selectFrom('secret_shares').select(columns).$castTo<SecretShareRow>() // ids as they were inserted
}
