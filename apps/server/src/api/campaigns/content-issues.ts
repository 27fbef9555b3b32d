import type { Issue } from '@letterlock/contract'
import type { campaigns } from '@letterlock/db'
import { compileTemplate, parseAddress } from '@letterlock/mail'

/** Why a campaign of this content could not be sent, by place; templates are compiled when they are written. */
export function contentIssues(content: campaigns.CampaignContent): Issue[] {
  const { subject, html, text } = content
  const compiled = compileTemplate({ subject, html, ...(text !== null && { text }) })
  return [
    ...(compiled.ok ? [] : compiled.issues),
    ...addressIssues('from', content.from_mailbox),
    ...addressIssues('replyTo', content.reply_to),
  ]
}

/** A place that must hold a mailbox; null is none. */
export function addressIssues(path: string, mailbox: string | null): Issue[] {
  const parsed = mailbox === null ? null : parseAddress(mailbox)
  if (parsed === null || parsed.ok) return []
  return [{ path, message: `not an address that can be mailed (${parsed.reason.replaceAll('_', ' ')})` }]
}
