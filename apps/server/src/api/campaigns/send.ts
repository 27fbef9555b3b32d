import { campaigns } from '@letterlock/db'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { campaignAnswer } from './campaign-answer.ts'
import { cannotStart, lostList, noList } from './state-failures.ts'

/** `POST /campaigns/{id}/send`: the sender finds the campaign by its state; the request itself mails nobody. */
export const sendCampaign: Handler<'campaigns.send'> = async (tx, { principal, params, now }) => {
  const row = await campaigns.findCampaign(tx, principal.environmentId, params.id)
  if (row === null) return notFound
  if (row.list_ids.length === 0) return noList
  if (!(await campaigns.holdLists(tx, principal.environmentId, row))) return lostList
  const started = await campaigns.startCampaign(tx, principal.environmentId, { id: params.id, now })
  if (started) return { status: 202, body: campaignAnswer(started) }
  const current = await campaigns.findCampaign(tx, principal.environmentId, params.id)
  return cannotStart(current?.status ?? 'gone')
}
