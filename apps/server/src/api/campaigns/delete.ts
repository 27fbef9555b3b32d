import { campaigns } from '@letterlock/db'
import { notFound } from '../../http/failure.ts'
import type { Handler } from '../../http/handler.ts'
import { onlyDrafts } from './state-failures.ts'

/** `DELETE /campaigns/{id}` */
export const deleteCampaign: Handler<'campaigns.delete'> = async (tx, { principal, params }) => {
  if (await campaigns.deleteDraft(tx, principal.environmentId, params.id)) return { status: 204, body: null }
  const row = await campaigns.findCampaign(tx, principal.environmentId, params.id)
  return row ? onlyDrafts('deleted', row.status) : notFound
}
