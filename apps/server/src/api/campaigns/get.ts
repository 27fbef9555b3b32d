import { campaigns } from '@letterlock/db'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { campaignAnswer } from './campaign-answer.ts'

/** `GET /campaigns/{id}` */
export const getCampaign: Handler<'campaigns.get'> = async (db, { principal, params }) => {
  const row = await campaigns.findCampaign(db, principal.environmentId, params.id)
  return row ? { status: 200, body: campaignAnswer(row) } : notFound
}
