import { newId } from '@letterlock/contract'
import { emails, meters, suppressions } from '@letterlock/db'
import { parseAddress } from '@letterlock/mail'
import { invalid } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { emailIssues } from './email-issues.ts'
import { quotaExceeded } from './quota-exceeded.ts'

/** `POST /emails`: stored and paid for here, mailed by the sender. */
export const sendEmail: Handler<'emails.send'> = async (tx, { principal: { environmentId }, body, now }) => {
  const to = typeof body.to === 'string' ? [body.to] : body.to
  const issues = emailIssues(body, to)
  if (issues.length > 0) return invalid(issues)
  const recipients = await allowed(tx, to)
  const id = newId('email')
  if (recipients.length > 0) {
    const taken = await meters.takeMeter(tx, environmentId, { meter: 'emails.sent', amount: recipients.length, reference: id, now })
    if (!taken.ok) return quotaExceeded(taken)
  }
  const row = await emails.insertEmail(tx, environmentId, {
    id, now,
    from_mailbox: body.from,
    recipients: recipients.length > 0 ? recipients : to,
    subject: body.subject,
    html: body.html ?? null,
    text: body.text ?? null,
    reply_to: body.replyTo ?? null,
    headers: body.headers ?? {},
    tags: body.tags ?? [],
    ...(recipients.length > 0 ? queued : suppressed),
  })
  return { status: 202, body: { id, status: row.state === 'queued' ? 'queued' : 'suppressed' } }

  /** One of each address, without those that must not be mailed. */
  async function allowed(db: typeof tx, mailboxes: readonly string[]): Promise<string[]> {
    const byKey = new Map<string, string>()
    for (const mailbox of mailboxes) {
      const parsed = parseAddress(mailbox)
      if (parsed.ok && !byKey.has(parsed.key)) byKey.set(parsed.key, mailbox)
    }
    const refused = await suppressions.listSuppressedKeys(db, environmentId, [...byKey.keys()])
    return [...byKey].filter(([key]) => !refused.has(key)).map(([, mailbox]) => mailbox)
  }
}

const queued = { state: 'queued', reason: null } as const
const suppressed = { state: 'suppressed', reason: 'every recipient is suppressed' } as const
