import type { Issue } from '@letterlock/contract'
import { campaigns, type Tx } from '@letterlock/db'
import { compileTemplate, parseAddress } from '@letterlock/mail'
import { type Failure, invalid, notFound } from '../../http/failure.ts'
import type { Principal } from '../../http/principal.ts'

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

/** A 400 for content that cannot be sent, a 404 for a list that is not there; null when all is well. */
export async function refuseContent(
  tx: Tx, principal: Principal, content: campaigns.CampaignContent,
): Promise<Failure | null> {
  const issues = contentIssues(content)
  if (issues.length > 0) return invalid(issues)
  const listIds = [...content.list_ids, ...content.exclude_list_ids]
  return (await campaigns.allListsExist(tx, principal.environmentId, listIds)) ? null : notFound
}

/** A place that must hold a mailbox; null is none. */
export function addressIssues(path: string, mailbox: string | null): Issue[] {
  const parsed = mailbox === null ? null : parseAddress(mailbox)
  if (parsed === null || parsed.ok) return []
  return [{ path, message: `not an address that can be mailed (${parsed.reason.replaceAll('_', ' ')})` }]
}
