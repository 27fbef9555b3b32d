import type { EmailId } from '@letterlock/contract'
import { deterministicMessageId, domainOf, type MessageIdInput, parseAddress } from '@letterlock/mail'
import type { MemoryEnvironment, StoredEmail } from '../memory/environment.ts'
import type { EmitEvent } from '../webhooks/test-webhooks.ts'
import { deliveryOf, suppressAfter } from './delivery-of.ts'
import type { SentMessage } from './outbox.ts'

/** Hands over the e-mails that are queued. */
export function sendEmails(environment: MemoryEnvironment, { now, emit, outbox }: { now: Date; emit: EmitEvent; outbox: SentMessage[] }): void {
  for (const [id, email] of environment.emails) {
    if (email.state !== 'queued') continue
    const messageId = messageIdOf({ kind: 'email', id }, email.from_mailbox)
    environment.emails.set(id, { ...email, state: 'sent', attempts: email.attempts + 1, message_id: messageId, sent_at: now })
    outbox.push(messageOf(environment, email, { id, messageId, now }))
    for (const to of email.recipients) {
      const event = deliveryOf(to)
      suppressAfter(environment, to, { event, now })
      emitDelivery(emit, event, { emailId: id, to, messageId })
    }
  }
}

/** Tells what became of a message. */
export function emitDelivery(
  emit: EmitEvent, event: 'delivered' | 'bounced' | 'complained', delivery: Parameters<typeof emit<'email.delivered'>>[1],
): void {
  if (event === 'bounced') emit('email.bounced', { ...delivery, bounce: 'hard', reason: 'simulated' })
  else emit('email.delivered', delivery)
  if (event === 'complained') emit('email.complained', delivery)
}

/** The Message-ID of what is sent once, by a mailbox that was looked at before. */
export function messageIdOf(message: Pick<MessageIdInput, 'kind' | 'id' | 'contactId'>, from: string): string {
  const parsed = parseAddress(from)
  return deterministicMessageId({ ...message, secret, domain: parsed.ok ? domainOf(parsed.address) : 'letterlock.test' })
}

const secret = crypto.getRandomValues(new Uint8Array(32))

function messageOf({ mode }: MemoryEnvironment, email: StoredEmail, { id, messageId, now }: { id: EmailId; messageId: string; now: Date }): SentMessage {
  const { from_mailbox: from, recipients: to, subject, html, text, reply_to: replyTo, headers } = email
  return { mode, from, to, subject, html, text, replyTo, headers, messageId, emailId: id, sentAt: now }
}
