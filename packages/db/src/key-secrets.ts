/** The secret versions of keys: what proves them. Their digests are written here and read by key-store.ts alone. */
import type { KeyId } from '@letterlock/contract'
import type { Db, Tx } from './connect.ts'

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
