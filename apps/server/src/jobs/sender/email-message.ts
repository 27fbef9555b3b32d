import type { emails } from '@letterlock/db'
import { composeMessage, type ComposeResult, deterministicMessageId, domainOf, type MailAddress, parseAddress, textOfHtml } from '@letterlock/mail'

/** The same e-mail always has the same Message-ID. */
export function emailMessageId(email: emails.ClaimedEmail, secret: Uint8Array): string {
  const from = parseAddress(email.from)
  const domain = from.ok ? domainOf(from.address) : 'invalid'
  return deterministicMessageId({ secret, kind: 'email', id: email.id, domain })
}

/** Writes a transactional e-mail to those of its recipients who may be mailed. */
export function composeEmail(
  email: emails.ClaimedEmail, options: { to: readonly MailAddress[]; messageId: string; date: Date },
): ComposeResult {
  const from = parseAddress(email.from)
  const replyTo = email.replyTo === null ? null : parseAddress(email.replyTo)
  if (!from.ok) return { ok: false, reason: `from: ${from.reason}` }
  if (replyTo?.ok === false) return { ok: false, reason: `replyTo: ${replyTo.reason}` }
  return composeMessage({
    from: mailAddress(from),
    to: options.to,
    ...(replyTo && { replyTo: mailAddress(replyTo) }),
    subject: email.subject,
    text: email.text ?? textOfHtml(email.html ?? ''),
    ...(email.html !== null && { html: email.html }),
    messageId: options.messageId,
    date: options.date,
    headers: email.headers,
  })
}

/** The recipients with their keys; unreadable ones are left out (the handler stored only readable ones). */
export function recipientsOf(email: emails.ClaimedEmail): (MailAddress & { key: string })[] {
  return email.recipients.flatMap((text) => {
    const parsed = parseAddress(text)
    return parsed.ok ? [{ ...mailAddress(parsed), key: parsed.key }] : []
  })
}

function mailAddress({ address, name }: { address: string; name?: string }): MailAddress {
  return name === undefined ? { address } : { address, name }
}
