import { campaigns, type Tx } from '@letterlock/db'
import { type Failure, invalid, notFound } from '../../http/failure.ts'
import type { Principal } from '../../http/principal.ts'
import { contentIssues } from './content-issues.ts'

/** A 400 for content that cannot be sent, a 404 for a list that is not there; null when all is well. */
export async function refuseContent(
  tx: Tx, principal: Principal, content: campaigns.CampaignContent,
): Promise<Failure | null> {
  const issues = contentIssues(content)
  if (issues.length > 0) return invalid(issues)
  const listIds = [...content.list_ids, ...content.exclude_list_ids]
  return (await campaigns.allListsExist(tx, principal.environmentId, listIds)) ? null : notFound
}
