/** When keys and their secret versions were last used: coalesced by the caller, moved forward only. */
import type { KeyId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'

/** When a key was used, from where, and by which of its secret versions. */
export interface KeyUse {
  readonly keyId: KeyId
  readonly at: Date
  readonly ip?: string | null
  readonly secretVersion?: number | null
}

/**
 * Moves the last use of keys and of their secret versions forward, never back. Rows are locked in the order of their
 * ids, keys first, so batches cannot deadlock. `last_used_floor`, which is indexed, follows once a day: every other
 * update is one in place.
 */
export async function touchLastUsed(db: Db | Tx, uses: readonly KeyUse[]): Promise<void> {
  if (uses.length === 0) return
  const used = sql`
    unnest(
      ${uses.map(({ keyId }) => keyId)}::text[], ${uses.map(({ secretVersion }) => secretVersion ?? null)}::int[],
      ${uses.map(({ at }) => at.toISOString())}::timestamptz[], ${uses.map(({ ip }) => ip ?? null)}::text[]
    ) as u (id, version, at, ip)`
  await sql`
    with used as (select distinct on (id) id, at, ip from ${used} order by id, at desc),
    due as (
      select keys.id, used.at, used.ip from keys join used on used.id = keys.id
      where keys.last_used_at is null or keys.last_used_at < used.at
      order by keys.id for no key update of keys
    )
    update keys set last_used_at = due.at, last_used_ip = due.ip, last_used_floor = case
      when due.at >= keys.last_used_floor + interval '24 hours' then due.at else least(keys.last_used_floor, due.at)
    end from due
    where keys.id = due.id and (keys.last_used_at is null or keys.last_used_at < due.at)
  `.execute(db)
  if (uses.every(({ secretVersion = null }) => secretVersion === null)) return
  await sql`
    with used as (
      select distinct on (id, version) id, version, at, ip from ${used}
      where version is not null order by id, version, at desc
    ),
    due as (
      select s.key_id, s.version, used.at, used.ip from key_secrets s join used on used.id = s.key_id and used.version = s.version
      where s.last_used_at is null or s.last_used_at < used.at
      order by s.key_id, s.version for no key update of s
    )
    update key_secrets s set last_used_at = due.at, last_used_ip = due.ip from due
    where s.key_id = due.key_id and s.version = due.version and (s.last_used_at is null or s.last_used_at < due.at)
  `.execute(db)
}
