/** Requests that proved no key: counted by minute, source, reason and the key that was claimed. */
import type { KeyId } from '@letterlock/contract'
import { sql } from 'kysely'
import { numberArray, textArray } from './array-literal.ts'
import type { Db, Tx } from './connect.ts'

/** So many requests without a proven key from one source within one minute. */
export interface AttemptCount {
  /** The start of the minute. */
  readonly minute: Date
  /** `other` for the sources beyond what a process keeps apart. */
  readonly sourceIp: string
  /** An error code; `other` for what a process does not keep apart of one source. */
  readonly reason: string
  /** Which key it claimed to be, when it was well formed. Nothing proves it. */
  readonly claimedKeyId: KeyId | null
  readonly attempts: number
  readonly lastAt: Date
}

/** Adds counts; rows are locked in the order of their keys, so batches cannot deadlock. */
export async function addAttempts(tx: Tx, counts: readonly AttemptCount[]): Promise<void> {
  if (counts.length === 0) return
  await sql`
    insert into usage_attempts as a (minute, source_ip, reason, claimed_key_id, attempts, last_at)
    select to_timestamp(minute / 1000), source_ip collate "C", reason collate "C", claimed_key_id collate "C",
      sum(attempts), to_timestamp(max(last_at) / 1000)
    from unnest(
      ${numberArray(counts.map(({ minute }) => minute.getTime()))}::float8[],
      ${textArray(counts.map(({ sourceIp }) => sourceIp))}::text[],
      ${textArray(counts.map(({ reason }) => reason))}::text[],
      ${textArray(counts.map(({ claimedKeyId }) => claimedKeyId ?? ''))}::text[],
      ${numberArray(counts.map(({ attempts }) => attempts))}::bigint[],
      ${numberArray(counts.map(({ lastAt }) => lastAt.getTime()))}::float8[]
    ) as u (minute, source_ip, reason, claimed_key_id, attempts, last_at)
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (minute, source_ip, reason, claimed_key_id)
    do update set attempts = a.attempts + excluded.attempts, last_at = greatest(a.last_at, excluded.last_at)
  `.execute(tx)
}

export interface AttemptSum {
  readonly sourceIp: string
  readonly reason: string
  readonly claimedKeyId: KeyId | null
  readonly attempts: number
  readonly lastAt: Date
}

/**
 * Who tried from `from` until before `to`, most attempts first, at most `limit` rows. For management: attempts belong to
 * no workspace, for nothing about them is proven.
 */
export async function listAttempts(
  db: Db | Tx,
  ask: { from: Date; to: Date; limit: number; sourceIp?: string | undefined; claimedKeyId?: KeyId | undefined },
): Promise<AttemptSum[]> {
  const rows = await db
    .selectFrom('usage_attempts')
    .select((column) => [
      'source_ip', 'reason', 'claimed_key_id',
      column.fn.sum<string>('attempts').as('attempts'),
      column.fn.max('last_at').as('last_at'),
    ])
    .where('minute', '>=', ask.from)
    .where('minute', '<', ask.to)
    .$if(ask.sourceIp !== undefined, (query) => query.where('source_ip', '=', ask.sourceIp ?? ''))
    .$if(ask.claimedKeyId !== undefined, (query) => query.where('claimed_key_id', '=', ask.claimedKeyId ?? ''))
    .groupBy(['source_ip', 'reason', 'claimed_key_id'])
    .orderBy('attempts', 'desc')
    .orderBy('source_ip')
    .orderBy('reason')
    .orderBy('claimed_key_id')
    .limit(ask.limit)
    .execute()
  return rows.map((row) => ({
    sourceIp: row.source_ip,
    reason: row.reason,
    claimedKeyId: row.claimed_key_id === '' ? null : (row.claimed_key_id as KeyId), // only well-formed ones are stored
    attempts: Number(row.attempts),
    lastAt: row.last_at,
  }))
}
