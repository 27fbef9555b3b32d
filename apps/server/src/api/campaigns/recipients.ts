import type { AnswerOf, ContactId } from '@letterlock/contract'
import { type campaignRecipients, campaignReports, campaigns } from '@letterlock/db'
import { toPage } from '../../http/cursor.ts'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { readCursor } from '../read-cursor.ts'

type Recipient = AnswerOf<'campaigns.recipients'>['body']['data'][number]

/** `GET /campaigns/{id}/recipients` */
export const listCampaignRecipients: Handler<'campaigns.recipients'> = async (db, { principal, params, query }) => {
  const { limit, cursor, state } = query
  const position = readCursor(cursor)
  if ('failure' in position) return position
  const campaign = await campaigns.findCampaign(db, principal.environmentId, params.id)
  if (campaign === null) return notFound
  const page = { ...position, campaignId: params.id, limit, states: state && stored(state) }
  const rows = await campaignReports.listRecipients(db, principal.environmentId, page)
  return { status: 200, body: toPage(rows, limit, { idOf: (row) => row.contact_id, answer: recipientAnswer }) }
}

function recipientAnswer(row: campaignReports.RecipientRow): Recipient {
  return {
    contactId: row.contact_id as ContactId, // stored as issued
    email: row.email,
    state: row.state === 'claimed' || row.state === 'attempting' ? 'sending' : row.state,
    ...(row.reason !== null && { reason: row.reason }),
    attempts: row.attempts,
    ...(row.message_id !== null && { messageId: row.message_id }),
    ...(row.sent_at !== null && { sentAt: row.sent_at.toISOString() }),
  }
}

function stored(state: Recipient['state']): campaignRecipients.RecipientState[] {
  return state === 'sending' ? ['claimed', 'attempting'] : [state]
}
