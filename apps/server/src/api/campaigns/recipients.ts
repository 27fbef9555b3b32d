import type { AnswerOf } from '@letterlock/contract'
import { type campaignRecipients, campaignReports, campaigns } from '@letterlock/db'
import { toPage } from '../../http/cursor.ts'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { readCursor } from '../read-cursor.ts'
import { recipientAnswer } from './recipient-answer.ts'

type Recipient = AnswerOf<'campaigns.recipients'>['body']['data'][number]

/** `GET /campaigns/{id}/recipients` */
export const listCampaignRecipients: Handler<'campaigns.recipients'> = async (db, { principal, params, query }) => {
  const { limit, cursor, state } = query
  const position = readCursor(cursor)
  if ('failure' in position) return position
  const campaign = await campaigns.findCampaign(db, principal.environmentId, params.id)
  if (campaign === null) return notFound
  const page = { ...position, campaignId: params.id, limit, states: state && stored(state) }
  const rows = await campaignReports.listRecipients(db, principal.environmentId, page)
  return { status: 200, body: toPage(rows, limit, { idOf: (row) => row.contact_id, answer: recipientAnswer }) }
}

function stored(state: Recipient['state']): campaignRecipients.RecipientState[] {
  return state === 'sending' ? ['claimed', 'attempting'] : [state]
}
