/** Access tokens: stand-ins for a key with a part of its scopes, for minutes. They are read by `key-statement.ts`. */
import type { AccessTokenId, KeyId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'

export interface NewAccessToken {
  readonly id: AccessTokenId
  readonly secretVersion: number
  readonly digest: Uint8Array
  readonly pepperVersion: string
  readonly scopes: readonly string[]
  readonly expiresAt: Date
  readonly now: Date
}

/** Whose it is was proven a moment ago; what became of the key meanwhile is seen when the token is read. */
export async function insertAccessToken(db: Db | Tx, keyId: KeyId, token: NewAccessToken): Promise<void> {
  await db
    .insertInto('access_tokens')
    .values({
      id: token.id,
      key_id: keyId,
      secret_version: token.secretVersion,
      digest: Buffer.from(token.digest),
      pepper_version: token.pepperVersion,
      scopes: [...token.scopes],
      created_at: token.now,
      expires_at: token.expiresAt,
    })
    .execute()
}

/** Revokes a token of a key; false when it was revoked before. Of many callers at once, one revokes it. */
export async function revokeAccessToken(tx: Tx, keyId: KeyId, { id, now }: { readonly id: AccessTokenId; readonly now: Date }): Promise<boolean> {
  const result = await tx
    .updateTable('access_tokens')
    .set({ revoked_at: now })
    .where('key_id', '=', keyId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Deletes what expired before, at most 10 000 at once; answers how many. For the sweep, which sees every key. */
export async function deleteExpiredTokens(db: Db | Tx, before: Date): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from access_tokens where id in (select id from access_tokens where expires_at < ${before}::timestamptz order by expires_at limit 10000)
  `.execute(db)
  return Number(numAffectedRows)
}
