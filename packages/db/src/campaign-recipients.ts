/**
 * The send ledger of campaigns: one row per person of the frozen audience.
 *
 * queued → claimed (leased) → attempting (committed before the hand-over) → sent | failed | suppressed | unknown.
 * Each step is one guarded statement, so that several senders may work on the same rows.
 */
import type { ContactId, EnvironmentId } from '@letterlock/contract'
import { type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from './connect.ts'

export type RecipientState = 'queued' | 'claimed' | 'attempting' | 'sent' | 'failed' | 'suppressed' | 'unknown'

/**
 * The campaign as a row that the planner cannot see through. It knows nothing yet of a young tenant: for a literal
 * `environment_id` it expects a single row, then any index that begins with it looks as good as the right one.
 */
function ofCampaign(environmentId: EnvironmentId, campaignId: string): RawBuilder<unknown> {
  return sql`k as materialized (select ${environmentId}::text as environment_id, ${campaignId}::text as campaign_id)`
}

/**
 * The row `r` of a key `l`, by all columns of both unique indexes: whichever of them the planner takes, it finds one
 * row. Without statistics it takes either, and by two columns of three it would read the whole campaign each time.
 */
function isRowOf(l: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql`r.environment_id = ${l}.environment_id and r.campaign_id = ${l}.campaign_id
    and r.contact_id = ${l}.contact_id and r.email_key = ${l}.email_key`
}

/** Why a contact (`c`, with his suppression `s`) must not be mailed; null: he may. The best of his lists counts. */
function refusalReason(listIds: RawBuilder<unknown>): RawBuilder<string | null> {
  return sql`case
    when c.id is null then 'contact_deleted'
    when s.origin is not null then 'suppressed:' || s.origin
    else (
      select case min(case m.status when 'subscribed' then 0 when 'unconfirmed' then 1 else 2 end)
        when 0 then null when 1 then 'unconfirmed' when 2 then 'unsubscribed' else 'not_on_a_list' end
      from list_members m
      where m.environment_id = c.environment_id and m.contact_id = c.id and m.list_id = any(${listIds}))
  end`
}

/**
 * Freezes the next part of an audience: `size` contacts after the stored cursor, in the order of their ids.
 * Locks the campaign, so that one sender freezes; another one that comes along gets 'busy'.
 */
export async function freezeNext(
  tx: Tx, environmentId: EnvironmentId, freeze: { campaignId: string; size: number; now: Date },
): Promise<'more' | 'done' | 'busy'> {
  const { campaignId, size, now } = freeze
  const campaign = await tx
    .selectFrom('campaigns')
    .select(['list_ids', 'exclude_list_ids', 'freeze_cursor'])
    .where('environment_id', '=', environmentId)
    .where('id', '=', campaignId)
    .where('status', '=', 'sending')
    .where('frozen_at', 'is', null)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  if (campaign === undefined) return 'busy'
  const listIds = sql`${campaign.list_ids}::text[]`
  const { rows } = await sql<{ seen: number; last: string | null }>`
    with ${ofCampaign(environmentId, campaignId)}, members as (
      select distinct k.environment_id, m.contact_id
      from k cross join unnest(${listIds}) as l (id)
      cross join lateral (
        select contact_id from list_members
        where environment_id = k.environment_id and list_id = l.id and contact_id > ${campaign.freeze_cursor ?? ''}
        order by contact_id limit ${size}) m
      order by m.contact_id limit ${size}
    ), looked_at as materialized (
      select c.id, c.email, c.email_key,
        case when exists (
          select 1 from list_members x
          where x.environment_id = c.environment_id and x.contact_id = c.id
            and x.list_id = any(${campaign.exclude_list_ids}::text[]))
        then 'excluded' else ${refusalReason(listIds)} end as reason
      from members
      join contacts c on c.environment_id = members.environment_id and c.id = members.contact_id
      left join suppressions s on s.environment_id = c.environment_id and s.email_key = c.email_key
    ), frozen as (
      insert into campaign_recipients (environment_id, campaign_id, contact_id, email, email_key, state, reason, next_attempt_at)
      select ${environmentId}, ${campaignId}, id, email, email_key,
        case when reason is null then 'queued' else 'suppressed' end, reason, ${now}
      from looked_at order by id
      on conflict do nothing
    )
    select count(*)::int as seen, max(contact_id) as last from members
  `.execute(tx)
  const { seen, last } = rows[0] ?? { seen: 0, last: null }
  const done = seen < size
  await tx
    .updateTable('campaigns')
    .set({ freeze_cursor: last ?? campaign.freeze_cursor, frozen_at: done ? now : null })
    .where('environment_id', '=', environmentId)
    .where('id', '=', campaignId)
    .execute()
  return done ? 'done' : 'more'
}

/** A recipient this sender has a lease on, with the contact as he is now. */
export interface ClaimedRecipient {
  contactId: ContactId
  email: string
  emailKey: string
  attempts: number
  /** Names this claim; no other one of him ever has the same number. */
  claim: number
  /** What he was sent before, if an attempt was made. */
  messageId: string | null
  /** False: this claim is the first, his e-mail is not yet paid for. Charged by the claim all the same. */
  wasCharged: boolean
  firstName: string | null
  lastName: string | null
  properties: unknown
}

/**
 * Leases up to `limit` recipients that are due. Consent and suppression are looked at again: whoever opted
 * out after the start becomes suppressed here. Rows locked by another sender are skipped, not waited for.
 */
export async function claimDue(
  tx: Tx,
  environmentId: EnvironmentId,
  claim: { campaignId: string; listIds: readonly string[]; limit: number; owner: string; leaseUntil: Date; now: Date },
): Promise<{ claimed: ClaimedRecipient[]; looked: number }> {
  const { rows } = await sql<ClaimedRecipient & { state: string }>`
    with due as (
      select environment_id, campaign_id, contact_id, email_key, charged from campaign_recipients
      where environment_id = ${environmentId} and campaign_id = ${claim.campaignId}
        and state = 'queued' and next_attempt_at <= ${claim.now}
      order by next_attempt_at limit ${claim.limit}
      for update skip locked
    ), looked_at as materialized (
      select due.*, c.first_name, c.last_name, c.properties, ${refusalReason(sql`${claim.listIds}::text[]`)} as reason
      from due
      left join contacts c on c.environment_id = due.environment_id and c.id = due.contact_id
      left join suppressions s on s.environment_id = due.environment_id and s.email_key = due.email_key
    ), claimed as (
      update campaign_recipients r set
        state = case when l.reason is null then 'claimed' else 'suppressed' end,
        reason = l.reason,
        charged = r.charged or l.reason is null,
        claims = r.claims + 1,
        lease_owner = case when l.reason is null then ${claim.owner} end,
        lease_until = case when l.reason is null then ${claim.leaseUntil}::timestamptz end
      from looked_at l
      where ${isRowOf(sql`l`)}
      returning r.contact_id, r.email, r.email_key, r.state, r.attempts, r.claims, r.message_id, l.charged, l.first_name, l.last_name, l.properties
    )
    select contact_id as "contactId", email, email_key as "emailKey", attempts, claims as claim, message_id as "messageId", charged as "wasCharged", state,
      first_name as "firstName", last_name as "lastName", properties
    from claimed order by contact_id
  `.execute(tx)
  return { claimed: rows.filter((row) => row.state === 'claimed'), looked: rows.length }
}

/** Gives claimed recipients back; `uncharge` for those whose e-mail was not paid for after all. */
export async function releaseClaims(
  db: Db | Tx,
  environmentId: EnvironmentId,
  release: { campaignId: string; contactIds: readonly string[]; owner: string; uncharge: boolean },
): Promise<void> {
  await sql`
    with ${ofCampaign(environmentId, release.campaignId)}
    update campaign_recipients r set state = 'queued', lease_owner = null, lease_until = null,
      charged = charged and not ${release.uncharge}::boolean
    from k cross join unnest(${release.contactIds}::text[]) as v (contact_id)
    where r.environment_id = k.environment_id and r.campaign_id = k.campaign_id and r.contact_id = v.contact_id
      and r.state = 'claimed' and r.lease_owner = ${release.owner}
  `.execute(db)
}

/** One recipient at the door: the claim of him, and the Message-ID he will be sent. */
export interface Attempt {
  contactId: string
  claim: number
  messageId: string
}

/**
 * Notes, before the hand-over, that these recipients are about to be mailed; only those who come back may be.
 * Fenced: a sender whose lease passed to somebody else, a campaign that was paused and a person who opted out
 * meanwhile do not come back. (A pause for want of quota lets those go who are paid for: all that are claimed.)
 * Saying it twice (after a lost answer of the database) gives the same answer. `offset 0` keeps the lists a question
 * per recipient: made a join, the planner reads a whole list for each of them.
 */
export async function beginAttempts(
  db: Db | Tx,
  environmentId: EnvironmentId,
  begin: { campaignId: string; listIds: readonly string[]; attempts: readonly Attempt[]; owner: string; leaseUntil: Date },
): Promise<Set<string>> {
  const { campaignId, attempts } = begin
  const { rows } = await sql<{ contact_id: string }>`
    with ${ofCampaign(environmentId, campaignId)}
    update campaign_recipients r
    set state = 'attempting', attempts = r.attempts + (r.state = 'claimed')::int, message_id = v.message_id, reason = null, lease_until = ${begin.leaseUntil}
    from k cross join unnest(
      ${attempts.map((each) => each.contactId)}::text[],
      ${attempts.map((each) => each.claim)}::int[],
      ${attempts.map((each) => each.messageId)}::text[]) as v (contact_id, claim, message_id)
    where r.environment_id = k.environment_id and r.campaign_id = k.campaign_id and r.contact_id = v.contact_id
      and r.lease_owner = ${begin.owner} and r.claims = v.claim and r.state in ('claimed', 'attempting')
      and exists (
        select 1 from campaigns c where c.environment_id = ${environmentId} and c.id = ${campaignId}
          and (c.status = 'sending' or c.pause_reason = 'quota'))
      and exists (
        select 1 from list_members m
        where m.environment_id = r.environment_id and m.contact_id = r.contact_id
          and m.list_id = any(${begin.listIds}::text[]) and m.status = 'subscribed'
        offset 0)
      and not exists (
        select 1 from suppressions s where s.environment_id = r.environment_id and s.email_key = r.email_key)
    returning r.contact_id
  `.execute(db)
  return new Set(rows.map((row) => row.contact_id))
}

/** What became of one attempt. */
export interface AttemptResult {
  environmentId: string
  campaignId: string
  contactId: string
  emailKey: string
  /** The claim of which the attempt was made. */
  claim: number
  /** 'queued': again at `nextAttemptAt`. */
  state: 'queued' | 'sent' | 'failed' | 'unknown'
  reason: string | null
  nextAttemptAt: Date | null
  /** True: nothing was handed over, the attempt does not count. */
  refund: boolean
  sentAt: Date | null
  deliveredAt: Date | null
  bouncedAt: Date | null
  complainedAt: Date | null
}

/**
 * Writes results of this owner's attempts, of any campaigns at once. A row that turned 'unknown' because its
 * lease ran out is set right by its owner's late result. Said again, after a lost answer, it changes nothing: by then
 * the claim has ended or another one has begun. (`attempts` is no fence, since a refund uses a number again.)
 */
export async function writeResults(db: Db | Tx, owner: string, results: readonly AttemptResult[]): Promise<void> {
  const column = <K extends keyof AttemptResult>(key: K) => results.map((result) => result[key])
  await sql`
    update campaign_recipients r set
      state = v.state, reason = v.reason, attempts = r.attempts - v.refund::int,
      next_attempt_at = v.next_attempt_at, sent_at = v.sent_at,
      delivered_at = v.delivered_at, bounced_at = v.bounced_at, complained_at = v.complained_at,
      lease_owner = case when v.state = 'unknown' then r.lease_owner end, lease_until = null
    from unnest(
      ${column('environmentId')}::text[], ${column('campaignId')}::text[], ${column('contactId')}::text[],
      ${column('emailKey')}::text[], ${column('claim')}::int[], ${column('state')}::text[], ${column('reason')}::text[],
      ${column('nextAttemptAt')}::timestamptz[], ${column('refund')}::boolean[], ${column('sentAt')}::timestamptz[],
      ${column('deliveredAt')}::timestamptz[], ${column('bouncedAt')}::timestamptz[], ${column('complainedAt')}::timestamptz[]
    ) as v (environment_id, campaign_id, contact_id, email_key, claim, state, reason, next_attempt_at, refund, sent_at,
      delivered_at, bounced_at, complained_at)
    where ${isRowOf(sql`v`)} and r.claims = v.claim
      and r.lease_owner = ${owner} and r.state in ('attempting', 'unknown')
  `.execute(db)
}

/** One ledger row. */
export interface RecipientKey {
  environmentId: string
  campaignId: string
  contactId: string
}

/** Extends leases this owner still holds. Rows under change are skipped: whoever changes them sets the lease. */
export async function extendLeases(db: Db, owner: string, extend: { rows: readonly RecipientKey[]; leaseUntil: Date }): Promise<void> {
  const { rows, leaseUntil } = extend
  await sql`
    with held as (
      select r.environment_id, r.campaign_id, r.contact_id, r.email_key
      from unnest(
        ${rows.map((row) => row.environmentId)}::text[], ${rows.map((row) => row.campaignId)}::text[],
        ${rows.map((row) => row.contactId)}::text[]) as v (environment_id, campaign_id, contact_id)
      join campaign_recipients r using (environment_id, campaign_id, contact_id)
      where r.lease_owner = ${owner} and r.state in ('claimed', 'attempting')
      for update of r skip locked
    )
    update campaign_recipients r set lease_until = ${leaseUntil}
    from held
    where ${isRowOf(sql`held`)}
  `.execute(db)
}

/** The reason of a row whose sender ended between the attempt and its result. */
export const lostResult = 'The sender stopped after it began to hand the message over; it may have been delivered.'

/**
 * The crash rule, for leases of all environments that ran out: claimed ones are queued again, attempted ones
 * become 'unknown' and are never sent again. Those keep their owner, whose late result may still set them right.
 */
export async function expireLeases(db: Db, now: Date): Promise<{ requeued: number; unknown: number }> {
  const { rows } = await sql<{ requeued: number; unknown: number }>`
    with expired as (
      select environment_id, campaign_id, contact_id, email_key, state from campaign_recipients
      where state in ('claimed', 'attempting') and lease_until < ${now}
      limit 5000 for update skip locked
    ), changed as (
      update campaign_recipients r set
        state = case expired.state when 'claimed' then 'queued' else 'unknown' end,
        reason = case expired.state when 'claimed' then null else ${lostResult} end,
        lease_owner = case expired.state when 'claimed' then null else r.lease_owner end,
        lease_until = null
      from expired
      where ${isRowOf(sql`expired`)}
      returning r.state
    )
    select count(*) filter (where state = 'queued')::int as requeued,
      count(*) filter (where state = 'unknown')::int as unknown
    from changed
  `.execute(db)
  return rows[0] ?? { requeued: 0, unknown: 0 }
}
