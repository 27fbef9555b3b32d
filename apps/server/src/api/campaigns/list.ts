import { campaigns } from '@letterlock/db'
import { toPage } from '../../http/cursor.ts'
import type { Handler } from '../../http/handler.ts'
import { readCursor } from '../read-cursor.ts'
import { campaignSummary } from './campaign-answer.ts'

/** `GET /campaigns` */
export const listCampaigns: Handler<'campaigns.list'> = async (db, { principal, query }) => {
  const { limit, cursor, status } = query
  const position = readCursor(cursor)
  if ('failure' in position) return position
  const rows = await campaigns.listCampaigns(db, principal.environmentId, { ...position, limit, status })
  return { status: 200, body: toPage(rows, limit, { idOf: ({ id }) => id, answer: campaignSummary }) }
}
