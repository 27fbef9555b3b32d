import { newId } from '@letterlock/contract'
import { campaigns } from '@letterlock/db'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { campaignAnswer } from './campaign-answer.ts'
import { newContent } from './campaign-content.ts'
import { refuseContent } from './refuse-content.ts'

/** `POST /campaigns` */
export const createCampaign: Handler<'campaigns.create'> = async (tx, { principal, body, now }) => {
  if (body.segmentIds?.length) return notFound // there are no segments yet, so none of that id
  const content = newContent(body)
  const refusal = await refuseContent(tx, principal, content)
  if (refusal) return refusal
  const row = await campaigns.insertCampaign(tx, principal.environmentId, { ...content, id: newId('campaign'), now })
  return { status: 201, body: campaignAnswer(row) }
}
