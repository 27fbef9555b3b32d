import type { AnswerOf, ListId } from '@letterlock/contract'
import type { campaigns } from '@letterlock/db'

type Campaign = AnswerOf<'campaigns.get'>['body']
type CampaignSummary = AnswerOf<'campaigns.list'>['body']['data'][number]

/** A stored campaign as the wire shows it. */
export function campaignAnswer(row: campaigns.CampaignRow): Campaign {
  return { ...campaignSummary(row), html: row.html, ...(row.text !== null && { text: row.text }) }
}

/** A stored campaign as lists show it. */
export function campaignSummary(row: campaigns.CampaignSummaryRow): CampaignSummary {
  const time = (name: string, at: Date | null) => at && { [name]: at.toISOString() }
  return {
    id: row.id as Campaign['id'], // ids are stored as issued
    name: row.name,
    subject: row.subject,
    from: row.from_mailbox,
    ...(row.reply_to !== null && { replyTo: row.reply_to }),
    listIds: row.list_ids as ListId[], // as issued
    segmentIds: [],
    excludeListIds: row.exclude_list_ids as ListId[], // as issued
    status: row.status as Campaign['status'], // the column has a check of these
    ...(row.pause_reason !== null && { pauseReason: row.pause_reason as NonNullable<Campaign['pauseReason']> }), // likewise
    ...time('scheduledAt', row.scheduled_at),
    ...time('startedAt', row.started_at),
    ...time('finishedAt', row.finished_at),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}
