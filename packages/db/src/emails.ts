/** Transactional e-mails: stored, leased, attempted and finished like the recipients of a campaign. */
import type { EmailId, EnvironmentId } from '@letterlock/contract'
import { type Selectable, sql } from 'kysely'
import { lostResult } from './campaign-recipients.ts'
import type { Db, Tx } from './connect.ts'
import type { Emails } from './schema.ts'

export type EmailRow = Selectable<Emails>

export interface NewEmail {
  id: EmailId
  from_mailbox: string
  recipients: string[]
  /** The normalised address of each recipient, in their order. */
  recipient_keys: string[]
  subject: string
  html: string | null
  text: string | null
  reply_to: string | null
  headers: Readonly<Record<string, string>>
  tags: string[]
  /** 'suppressed': nobody is left who may be mailed. */
  state: 'queued' | 'suppressed'
  reason: string | null
  now: Date
}

export function insertEmail(tx: Tx, environmentId: EnvironmentId, email: NewEmail): Promise<EmailRow> {
  const { now, headers, ...content } = email
  return tx
    .insertInto('emails')
    .values({
      environment_id: environmentId,
      ...content,
      headers: JSON.stringify(headers),
      next_attempt_at: now,
      created_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export async function findEmail(db: Db | Tx, environmentId: EnvironmentId, id: EmailId): Promise<EmailRow | null> {
  const row = await db
    .selectFrom('emails')
    .selectAll()
    .where('environment_id', '=', environmentId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row ?? null
}

/** An e-mail this sender has a lease on. */
export interface ClaimedEmail {
  environmentId: EnvironmentId
  id: EmailId
  from: string
  recipients: string[]
  subject: string
  html: string | null
  text: string | null
  replyTo: string | null
  headers: Record<string, string>
  attempts: number
  /** Names this claim; no other one of the e-mail ever has the same number. */
  claim: number
  /** What it was sent with before, if an attempt was made. */
  messageId: string | null
}

/** Leases up to `limit` due e-mails of all environments of one mode, those waiting longest first. For senders only. */
export async function claimEmails(
  db: Db | Tx, claim: { mode: 'live' | 'test'; limit: number; owner: string; leaseUntil: Date; now: Date },
): Promise<ClaimedEmail[]> {
  const { rows } = await sql<ClaimedEmail>`
    with due as (
      select m.environment_id, m.id from emails m
      join environments e on e.id = m.environment_id and e.mode = ${claim.mode}
      where m.state = 'queued' and m.next_attempt_at <= ${claim.now}
      order by m.next_attempt_at limit ${claim.limit}
      for update of m skip locked
    )
    update emails m set state = 'claimed', claims = m.claims + 1, lease_owner = ${claim.owner},
      lease_until = ${claim.leaseUntil}
    from due where m.environment_id = due.environment_id and m.id = due.id
    returning m.environment_id as "environmentId", m.id, m.from_mailbox as "from", m.recipients, m.subject, m.html,
      m.text, m.reply_to as "replyTo", m.headers, m.attempts,
      m.claims as claim, m.message_id as "messageId"
  `.execute(db)
  return rows
}

/** Notes, before the hand-over, that this e-mail is about to go. False: the lease is somebody else's now. */
export async function beginEmailAttempt(
  db: Db | Tx,
  environmentId: EnvironmentId,
  begin: { id: EmailId; claim: number; messageId: string; owner: string; leaseUntil: Date },
): Promise<boolean> {
  const result = await sql`
    update emails set state = 'attempting', attempts = attempts + (state = 'claimed')::int, message_id = ${begin.messageId},
      reason = null, lease_until = ${begin.leaseUntil}
    where environment_id = ${environmentId} and id = ${begin.id} and lease_owner = ${begin.owner}
      and claims = ${begin.claim} and state in ('claimed', 'attempting')
  `.execute(db)
  return Number(result.numAffectedRows ?? 0) > 0
}

/** What became of an attempt, or of a claim that never became one (`state` 'suppressed' or 'queued'). */
export interface EmailResult {
  id: EmailId
  claim: number
  state: 'queued' | 'sent' | 'failed' | 'suppressed' | 'unknown'
  reason: string | null
  nextAttemptAt: Date | null
  /** True: nothing was handed over, the attempt does not count. */
  refund: boolean
  sentAt: Date | null
}

/** Writes the result of this owner's attempt; also sets a row right that became 'unknown' by a lost lease. Said twice, it counts once. */
export async function writeEmailResult(
  db: Db | Tx, environmentId: EnvironmentId, result: EmailResult & { owner: string },
): Promise<void> {
  await sql`
    update emails set state = ${result.state}, reason = ${result.reason}, attempts = attempts - ${result.refund ? 1 : 0}::int,
      next_attempt_at = ${result.nextAttemptAt}, sent_at = ${result.sentAt},
      lease_owner = case when ${result.state}::text = 'unknown' then lease_owner end, lease_until = null
    where environment_id = ${environmentId} and id = ${result.id} and claims = ${result.claim}
      and lease_owner = ${result.owner} and state in ('claimed', 'attempting', 'unknown')
  `.execute(db)
}

/** Extends the leases of e-mails this owner still holds. */
export async function extendEmailLeases(
  db: Db, owner: string, extend: { rows: readonly { environmentId: string; id: string }[]; leaseUntil: Date },
): Promise<void> {
  await sql`
    with held as (
      select m.environment_id, m.id
      from unnest(
        ${extend.rows.map((row) => row.environmentId)}::text[], ${extend.rows.map((row) => row.id)}::text[]
      ) as v (environment_id, id)
      join emails m using (environment_id, id)
      where m.lease_owner = ${owner} and m.state in ('claimed', 'attempting')
      for update of m skip locked
    )
    update emails m set lease_until = ${extend.leaseUntil}
    from held where m.environment_id = held.environment_id and m.id = held.id
  `.execute(db)
}

/** The crash rule for e-mails of all environments: claimed again, attempted unknown and never sent again. */
export async function expireEmailLeases(db: Db, now: Date): Promise<void> {
  await sql`
    with expired as (
      select environment_id, id, state from emails
      where state in ('claimed', 'attempting') and lease_until < ${now}
      limit 1000 for update skip locked
    )
    update emails m set
      state = case expired.state when 'claimed' then 'queued' else 'unknown' end,
      reason = case expired.state when 'claimed' then null else ${lostResult} end,
      lease_owner = case expired.state when 'claimed' then null else m.lease_owner end,
      lease_until = null
    from expired where m.environment_id = expired.environment_id and m.id = expired.id
  `.execute(db)
}
