import type { AnswerOf } from '@letterlock/contract'
import type { emails } from '@letterlock/db'

type Email = AnswerOf<'emails.get'>['body']
type ShownEmail = Pick<
  emails.EmailRow,
  | 'id' | 'from_mailbox' | 'recipients' | 'subject' | 'reply_to' | 'tags' | 'state' | 'reason' | 'attempts' | 'message_id' | 'created_at'
  | 'sent_at'
>

/** A stored e-mail as the wire shows it; its bodies are not repeated. */
export function emailAnswer(row: ShownEmail): Email {
  return {
    id: row.id as Email['id'], // ids are stored as issued
    from: row.from_mailbox,
    to: row.recipients,
    subject: row.subject,
    ...(row.reply_to !== null && { replyTo: row.reply_to }),
    tags: row.tags,
    status: row.state === 'claimed' || row.state === 'attempting' ? 'sending' : (row.state as Email['status']), // a check of these
    ...(row.reason !== null && { reason: row.reason }),
    attempts: row.attempts,
    ...(row.message_id !== null && { messageId: row.message_id }),
    createdAt: row.created_at.toISOString(),
    ...(row.sent_at !== null && { sentAt: row.sent_at.toISOString() }),
  }
}
