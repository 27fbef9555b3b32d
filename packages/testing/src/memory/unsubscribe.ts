import type { CampaignId, ContactId, ListId } from '@letterlock/contract'
import type { EmitEvent } from '../webhooks/test-webhooks.ts'
import { noteConsent, noteOptOut } from './consent.ts'
import type { MemoryEnvironment } from './environment.ts'

/** Who got a campaign leaves its lists for ever, as a person and under that address. Once is as good as often. */
export function unsubscribe(
  environment: MemoryEnvironment, { campaignId, contactId, now }: { campaignId: CampaignId; contactId: ContactId; now: Date }, emit: EmitEvent,
): void {
  const rows = environment.recipients.get(campaignId) ?? []
  const index = rows.findIndex((row) => row.contact_id === contactId)
  const row = rows[index]
  if (!row) return
  rows[index] = { ...row, unsubscribedAt: row.unsubscribedAt ?? now }
  const listIds = (environment.campaigns.get(campaignId)?.list_ids ?? []).filter((id) => environment.lists.has(id as ListId)) as ListId[] // stored as issued
  const people = [environment.contacts.get(contactId), environment.contacts.get(environment.contactsByAddress.get(row.email_key) ?? contactId)].flatMap((person) => person ?? [])
  const left = listIds.filter((listId) => leave(environment, { listId, contactIds: people.map(({ id }) => id), now }))
  for (const listId of listIds) for (const emailKey of [row.email_key, ...people.map((person) => person.emailKey)]) noteOptOut(environment, { listId, emailKey, now })
  if (left.length > 0) emit('email.unsubscribed', { campaignId, contactId, to: row.email, ...(row.message_id !== null && { messageId: row.message_id }), listIds: left })
}

/** True when one of them was on the list. */
function leave(environment: MemoryEnvironment, { listId, contactIds, now }: { listId: ListId; contactIds: readonly ContactId[]; now: Date }): boolean {
  const of = environment.members.get(listId)
  const leaving = contactIds.filter((id) => of?.has(id) && of.get(id) !== 'unsubscribed')
  for (const id of leaving) {
    of?.set(id, 'unsubscribed')
    noteConsent(environment, { contactId: id, listId, status: 'unsubscribed', source: 'one_click', ip: '127.0.0.1', now })
  }
  return leaving.length > 0
}
