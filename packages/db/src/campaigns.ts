/** Campaigns: the message and its life from draft to sent. Who gets it is in `campaign-recipients.ts`. */
import type { CampaignId, EnvironmentId, ListId } from '@letterlock/contract'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from './connect.ts'
import { lockLists } from './list-members.ts'
import { meterPeriod } from './meters.ts'
import type { Campaigns } from './schema.ts'

export type CampaignRow = Selectable<Campaigns>

/** What a list shows of a campaign. */
export type CampaignSummaryRow = Pick<
  CampaignRow,
  | 'environment_id' | 'id' | 'name' | 'subject' | 'from_mailbox' | 'reply_to' | 'list_ids' | 'exclude_list_ids' | 'status'
  | 'pause_reason' | 'scheduled_at' | 'started_at' | 'finished_at' | 'created_at' | 'updated_at'
>

export type CampaignStatus = 'draft' | 'scheduled' | 'sending' | 'paused' | 'sent' | 'cancelled' | 'failed'

export type PauseReason =
  | 'user' | 'error_rate' | 'bounce_rate' | 'complaint_rate' | 'quota' | 'throttled' | 'domain_unverified'

/** What the owner writes. */
export interface CampaignContent {
  name: string
  subject: string
  html: string
  text: string | null
  from_mailbox: string
  reply_to: string | null
  list_ids: string[]
  exclude_list_ids: string[]
}

export function insertCampaign(
  tx: Tx, environmentId: EnvironmentId, campaign: CampaignContent & { id: CampaignId; now: Date },
): Promise<CampaignRow> {
  const { now, ...content } = campaign
  return tx
    .insertInto('campaigns')
    .values({ environment_id: environmentId, ...content, status: 'draft', created_at: now, updated_at: now })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export async function findCampaign(db: Db | Tx, environmentId: EnvironmentId, id: CampaignId): Promise<CampaignRow | null> {
  const row = await db
    .selectFrom('campaigns')
    .selectAll()
    .where('environment_id', '=', environmentId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row ?? null
}

/** Newest first, without what is long; up to `limit + 1` rows older than `before`. */
export function listCampaigns(
  db: Db | Tx,
  environmentId: EnvironmentId,
  page: { limit: number; before?: string | undefined; status?: CampaignStatus | undefined },
): Promise<CampaignSummaryRow[]> {
  const { limit, before, status } = page
  return db
    .selectFrom('campaigns')
    .select([
      'environment_id', 'id', 'name', 'subject', 'from_mailbox', 'reply_to', 'list_ids', 'exclude_list_ids', 'status',
      'pause_reason', 'scheduled_at', 'started_at', 'finished_at', 'created_at', 'updated_at',
    ])
    .where('environment_id', '=', environmentId)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .$if(status !== undefined, (query) => query.where('status', '=', status ?? ''))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
}

/** Null when there is no such draft: it started meanwhile, or never was. */
export async function updateDraft(
  tx: Tx, environmentId: EnvironmentId, change: { id: CampaignId; content: Partial<CampaignContent>; now: Date },
): Promise<CampaignRow | null> {
  const row = await tx
    .updateTable('campaigns')
    .set({ ...change.content, updated_at: change.now })
    .where('environment_id', '=', environmentId)
    .where('id', '=', change.id)
    .where('status', '=', 'draft')
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** False when there is no such draft. */
export async function deleteDraft(tx: Tx, environmentId: EnvironmentId, id: CampaignId): Promise<boolean> {
  const result = await tx
    .deleteFrom('campaigns')
    .where('environment_id', '=', environmentId)
    .where('id', '=', id)
    .where('status', '=', 'draft')
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}

/**
 * Keeps the campaign's lists from being deleted until the transaction ends; false when one of them is gone already:
 * a lost audience, or worse, a lost exclusion.
 */
export async function holdLists(tx: Tx, environmentId: EnvironmentId, campaign: CampaignRow): Promise<boolean> {
  const wanted = [...campaign.list_ids, ...campaign.exclude_list_ids] as ListId[] // written from list ids
  const held = await lockLists(tx, environmentId, wanted)
  return wanted.every((id) => held.has(id))
}

/** Draft or paused to sending. Null in every other state: of two calls at once, one starts the campaign. */
export async function startCampaign(
  tx: Tx, environmentId: EnvironmentId, start: { id: CampaignId; now: Date },
): Promise<CampaignRow | null> {
  const row = await tx
    .updateTable('campaigns')
    .set({
      status: 'sending',
      pause_reason: null,
      started_at: sql`coalesce(started_at, ${start.now})`,
      updated_at: start.now,
    })
    .where('environment_id', '=', environmentId)
    .where('id', '=', start.id)
    .where('status', 'in', ['draft', 'paused'])
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** Sending to paused; false when it was not sending. */
export async function pauseCampaign(
  db: Db | Tx, environmentId: EnvironmentId, pause: { id: string; reason: PauseReason; now: Date },
): Promise<boolean> {
  const result = await db
    .updateTable('campaigns')
    .set({ status: 'paused', pause_reason: pause.reason, updated_at: pause.now })
    .where('environment_id', '=', environmentId)
    .where('id', '=', pause.id)
    .where('status', '=', 'sending')
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/**
 * Goes on with all campaigns that paused for want of quota and whose environment has some again; returns how many.
 * Rows under change are skipped: the next call looks at them again. For senders only.
 */
export async function resumeWithinQuota(db: Db, now: Date): Promise<number> {
  const result = await sql`
    with affordable as (
      select c.environment_id, c.id from campaigns c
      cross join lateral meter_limit(c.environment_id, 'emails.sent', ${now}::timestamptz) as quota (amount)
      left join meter_balances b on b.environment_id = c.environment_id and b.meter = 'emails.sent'
        and b.period_start = ${meterPeriod('emails.sent', now).start}
      where c.pause_reason = 'quota' and (quota.amount is null or coalesce(b.used, 0) < quota.amount)
      for update of c skip locked
    )
    update campaigns c set status = 'sending', pause_reason = null, updated_at = ${now}
    from affordable a where c.environment_id = a.environment_id and c.id = a.id
  `.execute(db)
  return Number(result.numAffectedRows ?? 0)
}

/**
 * Sending to sent, once the audience is frozen and nobody waits or is on his way. One statement: a result
 * that puts somebody back into the queue commits either before it, or finds the campaign still sending.
 */
export async function finishCampaign(
  db: Db | Tx, environmentId: EnvironmentId, finish: { id: string; now: Date },
): Promise<boolean> {
  const result = await sql`
    update campaigns c set status = 'sent', finished_at = ${finish.now}, updated_at = ${finish.now}
    where c.environment_id = ${environmentId} and c.id = ${finish.id}
      and c.status = 'sending' and c.frozen_at is not null
      and not exists (
        select 1 from campaign_recipients r
        where r.environment_id = c.environment_id and r.campaign_id = c.id and r.state = 'queued')
      and not exists (
        select 1 from campaign_recipients r
        where r.environment_id = c.environment_id and r.campaign_id = c.id and r.state in ('claimed', 'attempting'))
  `.execute(db)
  return Number(result.numAffectedRows ?? 0) > 0
}

/** What a sender needs to know of a campaign at work. */
export interface CampaignAtWork {
  environmentId: EnvironmentId
  id: CampaignId
  mode: 'live' | 'test'
  frozen: boolean
  listIds: ListId[]
}

/**
 * Campaigns that are sending, of all environments in turn: the oldest of each, then the second of each, and so on.
 * However many one of them starts, the others find a place below the limit. For senders only.
 */
export async function listCampaignsAtWork(db: Db, limit: number): Promise<CampaignAtWork[]> {
  const { rows } = await sql<CampaignAtWork>`
    with sending as (
      select environment_id, id, frozen_at, list_ids, started_at,
        row_number() over (partition by environment_id order by started_at, id) as turn
      from campaigns where status = 'sending'
    )
    select c.environment_id as "environmentId", c.id, e.mode, c.frozen_at is not null as frozen, c.list_ids as "listIds"
    from sending c join environments e on e.id = c.environment_id
    order by c.turn, c.started_at, c.id
    limit ${limit}
  `.execute(db)
  return rows
}

/** True when each of these lists exists in the environment. */
export async function allListsExist(db: Db | Tx, environmentId: EnvironmentId, listIds: readonly string[]): Promise<boolean> {
  const wanted = [...new Set(listIds)]
  if (wanted.length === 0) return true
  const { found } = await db
    .selectFrom('lists')
    .select((each) => each.fn.countAll<number>().as('found'))
    .where('environment_id', '=', environmentId)
    .where('id', 'in', wanted)
    .executeTakeFirstOrThrow()
  return Number(found) === wanted.length
}
