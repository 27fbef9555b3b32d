import type { AnswerOf, ContactId } from '@letterlock/contract'
import type { campaignReports } from '@letterlock/db'

type Recipient = AnswerOf<'campaigns.recipients'>['body']['data'][number]

/** A row of a campaign's ledger as the wire shows it. */
export function recipientAnswer(row: campaignReports.RecipientRow): Recipient {
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
