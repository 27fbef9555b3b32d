import { newId } from '@letterlock/contract'
import { parseAddress } from '@letterlock/mail'
import { emailAnswer, emailIssues, invalid, notFound, quotaExceeded } from '@letterlock/server/product-rooms'
import type { MemoryEnvironment } from '../memory/environment.ts'
import { takeMeter } from '../memory/meters.ts'
import type { MemoryHandlers } from '../memory-handler.ts'

type EmailHandlers = Pick<MemoryHandlers, Extract<keyof MemoryHandlers, `emails.${string}`>>

export const emailHandlers: EmailHandlers = {
  'emails.send': ({ environment, body, now }) => {
    const to = typeof body.to === 'string' ? [body.to] : body.to
    const issues = emailIssues(body, to)
    if (issues.length > 0) return invalid(issues)
    const recipients = allowed(environment, to)
    if (recipients.length > 0) {
      const taken = takeMeter(environment, { meter: 'emails.sent', amount: recipients.length, now })
      if (!taken.ok) return quotaExceeded(taken)
    }
    const id = newId('email')
    const state = recipients.length > 0 ? 'queued' : 'suppressed'
    environment.emails.set(id, {
      id, state,
      from_mailbox: body.from,
      recipients: recipients.length > 0 ? recipients : [...to],
      subject: body.subject,
      html: body.html ?? null,
      text: body.text ?? null,
      reply_to: body.replyTo ?? null,
      headers: body.headers ?? {},
      tags: body.tags ?? [],
      reason: state === 'queued' ? null : 'every recipient is suppressed',
      attempts: 0, message_id: null, created_at: now, sent_at: null,
    })
    return { status: 202, body: { id, status: state } }
  },

  'emails.get': ({ environment, params }) => {
    const row = environment.emails.get(params.id)
    return row ? { status: 200, body: emailAnswer(row) } : notFound
  },
}

/** One of each address, without those that must not be mailed. */
function allowed({ suppressions, erased }: MemoryEnvironment, mailboxes: readonly string[]): string[] {
  const byKey = new Map<string, string>()
  for (const mailbox of mailboxes) {
    const parsed = parseAddress(mailbox)
    if (parsed.ok && !suppressions.has(parsed.key) && !erased.has(parsed.key) && !byKey.has(parsed.key)) byKey.set(parsed.key, mailbox)
  }
  return [...byKey.values()]
}
