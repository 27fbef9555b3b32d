/** What the owner of a campaign sees of its ledger. */
import type { CampaignId, EnvironmentId } from '@letterlock/contract'
import { sql } from 'kysely'
import type { RecipientState } from './campaign-recipients.ts'
import type { Db, Tx } from './connect.ts'

/** Counts by state, as the wire names them, and what happened after sending. */
export interface CampaignCounts {
  audience: number
  queued: number
  sending: number
  sent: number
  failed: number
  suppressed: number
  unknown: number
  delivered: number
  bounced: number
  complained: number
  unsubscribed: number
}

export async function countByState(db: Db | Tx, environmentId: EnvironmentId, campaignId: CampaignId): Promise<CampaignCounts> {
  const { rows } = await sql<CampaignCounts>`
    select count(*)::int as audience,
      count(*) filter (where state = 'queued')::int as queued,
      count(*) filter (where state in ('claimed', 'attempting'))::int as sending,
      count(*) filter (where state = 'sent')::int as sent,
      count(*) filter (where state = 'failed')::int as failed,
      count(*) filter (where state = 'suppressed')::int as suppressed,
      count(*) filter (where state = 'unknown')::int as unknown,
      count(delivered_at)::int as delivered, count(bounced_at)::int as bounced,
      count(complained_at)::int as complained, count(unsubscribed_at)::int as unsubscribed
    from campaign_recipients where environment_id = ${environmentId} and campaign_id = ${campaignId}
  `.execute(db)
  const row = rows[0]
  if (row === undefined) throw new Error('An aggregate without a row')
  return row
}

export interface RecipientRow {
  contact_id: string
  email: string
  state: RecipientState
  reason: string | null
  attempts: number
  message_id: string | null
  sent_at: Date | null
}

/** Newest contact first; up to `limit + 1` rows before the contact `before`. */
export async function listRecipients(
  db: Db | Tx,
  environmentId: EnvironmentId,
  page: { campaignId: CampaignId; limit: number; before?: string | undefined; states?: readonly RecipientState[] | undefined },
): Promise<RecipientRow[]> {
  const { before, states } = page
  const rows = await db
    .selectFrom('campaign_recipients')
    .select(['contact_id', 'email', 'state', 'reason', 'attempts', 'message_id', 'sent_at'])
    .where('environment_id', '=', environmentId)
    .where('campaign_id', '=', page.campaignId)
    .$if(before !== undefined, (query) => query.where('contact_id', '<', before ?? ''))
    .$if(states !== undefined, (query) => query.where('state', 'in', states ?? []))
    .orderBy('contact_id', 'desc')
    .limit(page.limit + 1)
    .execute()
  return rows as RecipientRow[] // the column has a check of these states
}
