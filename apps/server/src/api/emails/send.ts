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
  const all = byAddress(to)
  const refused = await suppressions.listSuppressedKeys(tx, environmentId, [...all.keys()])
  const allowed = new Map([...all].filter(([key]) => !refused.has(key)))
  const stored = allowed.size > 0 ? allowed : all
  const id = newId('email')
  if (allowed.size > 0) {
    const taken = await meters.takeMeter(tx, environmentId, { meter: 'emails.sent', amount: allowed.size, reference: id, now })
    if (!taken.ok) return quotaExceeded(taken)
  }
  const row = await emails.insertEmail(tx, environmentId, {
    id, now,
    from_mailbox: body.from,
    recipients: [...stored.values()],
    recipient_keys: [...stored.keys()],
    subject: body.subject,
    html: body.html ?? null,
    text: body.text ?? null,
    reply_to: body.replyTo ?? null,
    headers: body.headers ?? {},
    tags: body.tags ?? [],
    ...(allowed.size > 0 ? queued : suppressed),
  })
  return { status: 202, body: { id, status: row.state === 'queued' ? 'queued' : 'suppressed' } }
}

/** One mailbox for each address, by its normalised form. */
function byAddress(mailboxes: readonly string[]): Map<string, string> {
  const byKey = new Map<string, string>()
  for (const mailbox of mailboxes) {
    const parsed = parseAddress(mailbox)
    if (parsed.ok && !byKey.has(parsed.key)) byKey.set(parsed.key, mailbox)
  }
  return byKey
}

const queued = { state: 'queued', reason: null } as const
const suppressed = { state: 'suppressed', reason: 'every recipient is suppressed' } as const
