/** The life of secret versions: planned ends, and how each came about. Nothing here reads or writes a digest. */
import type { KeyId } from '@letterlock/contract'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import type { KeySecrets } from './schema.ts'

/** `overlap_ended` and `at_most_reached` come by the clock, `silent` when nobody used it, `retired_by_call` when somebody said so. */
export type RetiredCause = 'overlap_ended' | 'at_most_reached' | 'silent' | 'retired_by_call'

/** What was known when a secret version retired. Never a secret. */
export interface RetirementEvidence {
  readonly reason: string | null
  readonly lastUsedAt: string | null
  readonly lastUsedIp: string | null
  readonly lastUserAgent: string | null
  /** Since the version was replaced, or since `from` when more was recorded than is looked at; null for root keys. */
  readonly requests: { readonly from: string; readonly isComplete: boolean; readonly old: number; readonly newer: number } | null
  /** Who used it last, newest first. */
  readonly callers: readonly { readonly ip: string | null; readonly userAgent: string | null; readonly requests: number; readonly lastSeenAt: string }[]
}

export type SecretVersionRow = Omit<
  Selectable<KeySecrets>, 'digest' | 'pepper_version' | 'key_id' | 'planned_cause' | 'retired_cause' | 'evidence' | 'proven_remotely_at' | 'recalled_at'
> & {
  planned_cause: 'overlap_ended' | 'at_most_reached' | null
  retired_cause: RetiredCause | null
  evidence: RetirementEvidence | null
}

const columns = [
  'version', 'created_at', 'retires_at', 'silent_for_ms', 'planned_cause', 'last_used_at', 'last_used_ip', 'retired_at', 'retired_cause', 'evidence',
] as const

/** The newest versions of a key, newest first; whose key it is was looked at before. */
export function listSecretVersions(db: Db | Tx, keyId: KeyId, { limit }: { limit: number }): Promise<SecretVersionRow[]> {
  return db
    .selectFrom('key_secrets')
    .select(columns)
    .where('key_id', '=', keyId)
    .orderBy('version', 'desc')
    .limit(limit)
    .$castTo<SecretVersionRow>() // columns as the table's checks say
    .execute()
}

/** The newest version of each key; whose keys they are was looked at before. */
export async function findNewest(db: Db | Tx, keyIds: readonly KeyId[]): Promise<ReadonlyMap<KeyId, NewestSecret>> {
  if (keyIds.length === 0) return new Map()
  const { rows } = await sql<NewestSecret & { keyId: KeyId }>`
    select wanted.id as "keyId", newest.version, newest.created_at as "createdAt" from unnest(${keyIds}::text[]) as wanted (id)
    cross join lateral (select version, created_at from key_secrets where key_id = wanted.id order by version desc limit 1) as newest
  `.execute(db)
  return new Map(rows.map(({ keyId, ...newest }) => [keyId, newest]))
}

export interface NewestSecret {
  readonly version: number
  readonly createdAt: Date
}

export async function findSecretVersion(db: Db | Tx, keyId: KeyId, version: number): Promise<SecretVersionRow | null> {
  const row = await db
    .selectFrom('key_secrets')
    .select(columns)
    .where('key_id', '=', keyId)
    .where('version', '=', version)
    .$castTo<SecretVersionRow>() // columns as the table's checks say
    .executeTakeFirst()
  return row ?? null
}

/** When the versions that a new one replaces end. */
export interface PlannedEnd {
  readonly retiresAt: Date
  /** The newest of them ends earlier when nobody has used it for so long; null: it does not. */
  readonly silentForMs: number | null
}

/**
 * Plans the end of all live versions of a locked key, before it gets a new one. One that ends earlier already keeps its
 * end: no rotation makes a secret live longer.
 */
export async function planEnds(tx: Tx, keyId: KeyId, { retiresAt, silentForMs, now }: PlannedEnd & { readonly now: Date }): Promise<void> {
  await sql`
    update key_secrets set
      planned_cause = case when retires_at <= ${retiresAt} then planned_cause
        else ${silentForMs === null ? 'overlap_ended' : 'at_most_reached'} end,
      silent_for_ms = coalesce(silent_for_ms, case when retires_at is null then ${silentForMs}::bigint end),
      retires_at = least(retires_at, ${retiresAt}::timestamptz)
    where key_id = ${keyId} and (retires_at is null or retires_at > ${now})
  `.execute(tx)
}

export interface Retirement {
  readonly version: number
  readonly cause: RetiredCause
  readonly evidence: RetirementEvidence
  readonly now: Date
}

/**
 * Retires a version of a locked key and notes how it came about; null when that was noted before. A planned end that
 * is over stays the moment of the retirement.
 */
export async function retireSecret(tx: Tx, keyId: KeyId, { version, cause, evidence, now }: Retirement): Promise<SecretVersionRow | null> {
  const end = sql<Date>`least(retires_at, ${now}::timestamptz)`
  const row = await tx
    .updateTable('key_secrets')
    .set({ retires_at: end, retired_at: end, retired_cause: cause, evidence: JSON.stringify(evidence) })
    .where('key_id', '=', keyId)
    .where('version', '=', version)
    .where('retired_at', 'is', null)
    .returning(columns)
    .$castTo<SecretVersionRow>() // columns as the table's checks say
    .executeTakeFirst()
  return row ?? null
}

/** A version whose end has come. */
export interface DueSecret {
  readonly keyId: KeyId
  readonly version: number
}

/** Versions whose planned end is over and not noted, those first that ended first. */
export function listEnded(db: Db | Tx, { now, limit }: { now: Date; limit: number }): Promise<DueSecret[]> {
  return db
    .selectFrom('key_secrets')
    .select(['key_id as keyId', 'version'])
    .where('retires_at', '<=', now)
    .where('retired_at', 'is', null)
    .orderBy('retires_at')
    .limit(limit)
    .$castTo<DueSecret>()
    .execute()
}

/** Since when nobody has used a version, as far as is known; a remote verifier may have used a proof until it was recalled. */
const silentSince = sql<Date>`greatest(
  s.last_used_at, s.recalled_at, (select next.created_at from key_secrets next where next.key_id = s.key_id and next.version = s.version + 1)
)`

function silent(lostUntil: Date | null, silentThrough: Date) {
  return sql<boolean>`
    s.silent_for_ms is not null and s.retired_at is null
    and greatest(${silentSince}, ${lostUntil}::timestamptz) + s.silent_for_ms * interval '1 millisecond' <= ${silentThrough}::timestamptz
    and (s.proven_remotely_at is null or s.proven_remotely_at <= s.recalled_at)`
}

/** Up to when silence counts. */
export interface Silence {
  /** Every use before then is saved. */
  readonly through: Date
  readonly lostUntil: Date | null
}

/** Versions that end when nobody uses them, and that nobody has used for as long as they ask. */
export async function listSilent(db: Db | Tx, { through, lostUntil, limit }: Silence & { readonly limit: number }): Promise<DueSecret[]> {
  const { rows } = await sql<DueSecret>`
    select s.key_id as "keyId", s.version from key_secrets s where ${silent(lostUntil, through)} limit ${limit}
  `.execute(db)
  return rows
}

/** Whether a version is silent still; then no use of it is saved until the transaction ends. Lock its key before. */
export async function lockSilent(tx: Tx, { keyId, version, through, lostUntil }: Silence & DueSecret): Promise<boolean> {
  const { rows } = await sql`
    select 1 from key_secrets s where s.key_id = ${keyId} and s.version = ${version} and ${silent(lostUntil, through)} for no key update
  `.execute(tx)
  return rows.length > 0
}

/**
 * Notes that remote verifiers proved live versions, and may answer for them from now on without saying so.
 * Await it before they have their answer.
 */
export async function noteRemoteProofs(db: Db | Tx, proofs: readonly DueSecret[], now: Date): Promise<void> {
  if (proofs.length === 0) return
  await sql`
    with due as (
      select s.key_id, s.version from key_secrets s
      join unnest(${proofs.map(({ keyId }) => keyId)}::text[], ${proofs.map(({ version }) => version)}::int[]) as p (id, version)
        on p.id = s.key_id and p.version = s.version
      where s.silent_for_ms is not null and s.retired_at is null
      order by s.key_id, s.version for no key update of s
    )
    update key_secrets s set proven_remotely_at = ${now}, last_used_at = greatest(s.last_used_at, ${now}::timestamptz)
    from due where s.key_id = due.key_id and s.version = due.version
  `.execute(db)
}

/** A tenth of the silence that is asked for, so that the recall makes it hardly longer. */
const recallAfter = sql`greatest(s.silent_for_ms / 10, 60000) * interval '1 millisecond'`

/** Versions until silence of which remote verifiers have held proofs for a while. */
export async function listToRecall(db: Db | Tx, { now, limit }: { now: Date; limit: number }): Promise<DueSecret[]> {
  const { rows } = await sql<DueSecret>`
    select s.key_id as "keyId", s.version from key_secrets s
    where s.silent_for_ms is not null and s.retired_at is null and s.retires_at > ${now}
      and s.proven_remotely_at > coalesce(s.recalled_at, '-infinity') and s.proven_remotely_at + ${recallAfter} <= ${now}
    limit ${limit}
  `.execute(db)
  return rows
}

/** Notes that all verifiers drop what they hold of a key, which its change makes them do; false when another node was first. */
export async function noteRecall(tx: Tx, { keyId, version }: DueSecret, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('key_secrets')
    .set({ recalled_at: now })
    .where('key_id', '=', keyId)
    .where('version', '=', version)
    .where(sql<boolean>`proven_remotely_at > coalesce(recalled_at, '-infinity')`)
    .where('retired_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
