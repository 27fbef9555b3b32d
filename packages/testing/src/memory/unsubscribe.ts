import type { CampaignId, ContactId, ListId } from '@letterlock/contract'
import type { EmitEvent } from '../webhooks/test-webhooks.ts'
import type { MemoryEnvironment } from './environment.ts'

/** Who got a campaign leaves its lists for ever, as a person and under that address. Once is as good as often. */
export function unsubscribe(
  environment: MemoryEnvironment, { campaignId, contactId }: { campaignId: CampaignId; contactId: ContactId }, emit: EmitEvent,
): void {
  const rows = environment.recipients.get(campaignId) ?? []
  const index = rows.findIndex((row) => row.contact_id === contactId)
  const row = rows[index]
  if (!row) return
  rows[index] = { ...row, unsubscribed: true }
  const listIds = (environment.campaigns.get(campaignId)?.list_ids ?? []).filter((id) => environment.lists.has(id as ListId)) as ListId[] // stored as issued
  const people = [environment.contacts.get(contactId), environment.contacts.get(environment.contactsByAddress.get(row.email_key) ?? contactId)].flatMap((person) => person ?? [])
  const left = listIds.filter((listId) => leave(environment, listId, people.map(({ id }) => id)))
  for (const listId of listIds) for (const emailKey of [row.email_key, ...people.map((person) => person.emailKey)]) environment.optOuts.add(`${listId} ${emailKey}`)
  if (left.length > 0) emit('email.unsubscribed', { campaignId, contactId, to: row.email, ...(row.message_id !== null && { messageId: row.message_id }), listIds: left })
}

/** True when one of them was on the list. */
function leave({ members }: MemoryEnvironment, listId: ListId, contactIds: readonly ContactId[]): boolean {
  const of = members.get(listId)
  const leaving = contactIds.filter((id) => of?.has(id) && of.get(id) !== 'unsubscribed')
  for (const id of leaving) of?.set(id, 'unsubscribed')
  return leaving.length > 0
}
