/** The secret versions of keys: what proves them. Their digests are written here and read by key-store.ts alone. */
import type { KeyId, WorkspaceId } from '@letterlock/contract'
import type { Selectable } from 'kysely'
import type { Db, Tx } from './connect.ts'
import type { KeySecrets } from './schema.ts'

/** What is kept of a secret: never the secret. */
export interface StoredSecret {
  readonly digest: Uint8Array
  readonly pepperVersion: string
  /** Of a foreign token: what it is found by. */
  readonly lookup?: string
}

/** Adds a secret version to a key that is new or locked. */
export async function insertSecret(
  tx: Tx, keyId: KeyId, { version, digest, pepperVersion, lookup, now }: StoredSecret & { readonly version: number; readonly now: Date },
): Promise<void> {
  await tx
    .insertInto('key_secrets')
    .values({ key_id: keyId, version, digest: Buffer.from(digest), pepper_version: pepperVersion, lookup: lookup ?? null, created_at: now })
    .execute()
}

/** What people may know of a secret version: never its digest. */
export type SecretVersionRow = Pick<Selectable<KeySecrets>, 'version' | 'created_at' | 'retires_at' | 'last_used_at' | 'last_used_ip'>

/** The secret versions of a key, newest first, the newest 100. */
export function listSecretVersions(db: Db | Tx, workspaceId: WorkspaceId, keyId: KeyId): Promise<SecretVersionRow[]> {
  return db
    .selectFrom('key_secrets as secret')
    .innerJoin('keys', 'keys.id', 'secret.key_id')
    .where('keys.workspace_id', '=', workspaceId)
    .where('secret.key_id', '=', keyId)
    .select(['secret.version', 'secret.created_at', 'secret.retires_at', 'secret.last_used_at', 'secret.last_used_ip'])
    .orderBy('secret.version', 'desc')
    .limit(100)
    .execute()
}

/** Stores a proven secret under a newer pepper; false when another node was first. */
export async function moveToPepper(
  db: Db | Tx,
  id: KeyId,
  move: { secretVersion: number; oldPepperVersion: string; newPepperVersion: string; digest: Uint8Array },
): Promise<boolean> {
  const result = await db
    .updateTable('key_secrets')
    .set({ digest: Buffer.from(move.digest), pepper_version: move.newPepperVersion })
    .where('key_id', '=', id)
    .where('version', '=', move.secretVersion)
    .where('pepper_version', '=', move.oldPepperVersion)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}
