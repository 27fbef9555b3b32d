import { campaigns } from '@letterlock/db'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { campaignAnswer } from './campaign-answer.ts'
import { changedContent } from './campaign-content.ts'
import { refuseContent } from './refuse-content.ts'
import { onlyDrafts } from './state-failures.ts'

/** `PATCH /campaigns/{id}` */
export const updateCampaign: Handler<'campaigns.update'> = async (tx, { principal, params, body, now }) => {
  const row = await campaigns.findCampaign(tx, principal.environmentId, params.id)
  if (row === null || body.segmentIds?.length) return notFound // there are no segments yet
  if (row.status !== 'draft') return onlyDrafts('changed', row.status)
  const content = changedContent(row, body)
  const refusal = await refuseContent(tx, principal, {
    ...content,
    list_ids: body.listIds ?? [], // lists that were there before may be gone by now; that is no fault of this change
    exclude_list_ids: body.excludeListIds ?? [],
  })
  if (refusal) return refusal
  const updated = await campaigns.updateDraft(tx, principal.environmentId, { id: params.id, content, now })
  return updated ? { status: 200, body: campaignAnswer(updated) } : onlyDrafts('changed', 'sending')
}
