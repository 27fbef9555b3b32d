/** Keys that were issued elsewhere: what their tokens begin with, which are here already, and their upgrade at the first use. */
import type { KeyId, WorkspaceId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'

/** Lets imports follow each other until the transaction ends: of two that bring the same token, the later one finds it. */
export async function lockImports(tx: Tx): Promise<void> {
  await sql`lock table import_prefixes in share row exclusive mode`.execute(tx)
}

/** What foreign tokens begin with, in the order of the alphabet. */
export async function listPrefixes(db: Db | Tx): Promise<string[]> {
  const rows = await db.selectFrom('import_prefixes').select('prefix').orderBy('prefix').execute()
  return rows.map(({ prefix }) => prefix)
}

/** Declares what foreign tokens begin with; call it after `lockImports`. False when it was declared before. */
export async function declarePrefix(tx: Tx, prefix: string, { createdBy, now }: { createdBy: string; now: Date }): Promise<boolean> {
  const result = await tx
    .insertInto('import_prefixes')
    .values({ prefix, created_by: createdBy, created_at: now })
    .onConflict((conflict) => conflict.column('prefix').doNothing())
    .executeTakeFirst()
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** A key that was imported before, whoever owns it. */
export interface ImportedKey {
  readonly keyId: KeyId
  readonly workspaceId: WorkspaceId
  readonly mode: 'live' | 'test'
}

/**
 * The keys that were imported with one of these lookups, by the lookup. It has no tenant scope: one token is one key
 * in the whole installation. Imported keys belong to workspaces.
 */
export async function findImportedKeys(tx: Tx, lookups: readonly string[]): Promise<Map<string, ImportedKey>> {
  const rows = await tx
    .selectFrom('key_secrets')
    .innerJoin('keys', 'keys.id', 'key_secrets.key_id')
    .select(['key_secrets.lookup', 'keys.id', 'keys.workspace_id', 'keys.mode'])
    .where('key_secrets.lookup', '=', sql<string>`any(${lookups}::text[])`)
    .$castTo<{ lookup: string; id: KeyId; workspace_id: WorkspaceId; mode: 'live' | 'test' }>() // as `insertKey` wrote them
    .execute()
  return new Map(rows.map(({ lookup, id: keyId, workspace_id: workspaceId, mode }) => [lookup, { keyId, workspaceId, mode }]))
}

/** The stored secret of an imported key, and what comes in its place. */
export interface ImportUpgrade {
  readonly secretVersion: number
  /** As the proof found it. */
  readonly oldDigest: Uint8Array
  /** Of the token itself, under the pepper. */
  readonly digest: Uint8Array
  /** Of its SHA-256, under the same pepper. */
  readonly lookup: string
  readonly pepperVersion: string
  readonly now: Date
}

/**
 * Stores the digest of the token itself in the place of that of its SHA-256, or both under a newer pepper, and notes
 * when a key was first upgraded. Of many nodes at once one does, for the others find another digest: they get false.
 */
export async function upgradeImportedKey(db: Db | Tx, id: KeyId, upgrade: ImportUpgrade): Promise<boolean> {
  const { secretVersion, oldDigest, digest, lookup, pepperVersion, now } = upgrade
  const { rows } = await sql`
    with moved as (
      update key_secrets
      set digest = ${Buffer.from(digest)}, lookup = ${lookup}, pepper_version = ${pepperVersion}
      where key_id = ${id} and version = ${secretVersion} and digest = ${Buffer.from(oldDigest)} and lookup is not null
      returning key_id
    ),
    noted as (
      update keys set upgraded_at = ${now} from moved
      where keys.id = moved.key_id and keys.imported_at is not null and keys.upgraded_at is null
    )
    select key_id from moved
  `.execute(db)
  return rows.length > 0
}
