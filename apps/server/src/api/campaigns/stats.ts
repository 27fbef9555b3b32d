import { campaignReports, campaigns } from '@letterlock/db'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'

/** `GET /campaigns/{id}/stats` */
export const getCampaignStats: Handler<'campaigns.stats'> = async (db, { principal, params }) => {
  const row = await campaigns.findCampaign(db, principal.environmentId, params.id)
  if (row === null) return notFound
  const counts = await campaignReports.countByState(db, principal.environmentId, params.id)
  return { status: 200, body: { ...counts, opened: 0, clicked: 0 } } // neither is tracked
}
