import type { CampaignId, ContactId, ListId } from '@letterlock/contract'
import { campaignSummary } from '@letterlock/server/product-rooms'
import { compileTemplate, type CompiledTemplate, ensureUnsubscribeLink, renderTemplate } from '@letterlock/mail'
import { membershipsOf } from '../memory/members.ts'
import type { MemoryEnvironment, StoredCampaign, StoredContact, StoredRecipient } from '../memory/environment.ts'
import { roomOf, takeMeter } from '../memory/meters.ts'
import type { EmitEvent } from '../webhooks/test-webhooks.ts'
import { deliveryOf, suppressAfter } from './delivery-of.ts'
import type { SentMessage } from './outbox.ts'
import { emitDelivery, messageIdOf } from './send-emails.ts'

interface Sending {
  readonly now: Date
  readonly emit: EmitEvent
  readonly outbox: SentMessage[]
}

/** Sends the campaigns that are at work: the audience is frozen, consent is looked at once more, then each is mailed. */
export function sendCampaigns(environment: MemoryEnvironment, sending: Sending): void {
  for (const [id, campaign] of environment.campaigns) {
    if (campaign.pause_reason === 'quota' && roomOf(environment, 'emails.sent', sending.now) > 0) resume(environment, id, sending)
    if (environment.campaigns.get(id)?.status === 'sending') sendCampaign(environment, id, sending)
  }
}

function resume(environment: MemoryEnvironment, id: CampaignId, { now, emit }: Sending): void {
  emit('campaign.sending', change(environment, id, { status: 'sending', pause_reason: null, updated_at: now }))
}

function sendCampaign(environment: MemoryEnvironment, id: CampaignId, sending: Sending): void {
  const { now, emit } = sending
  const campaign = environment.campaigns.get(id) as StoredCampaign // the caller found it
  if (!environment.recipients.has(id)) environment.recipients.set(id, freeze(environment, campaign))
  change(environment, id, { frozen_at: campaign.frozen_at ?? now })
  const rows = environment.recipients.get(id) ?? []
  const template = templateOf(campaign)
  for (const [index, row] of rows.entries()) {
    if (row.state !== 'queued') continue
    const contact = environment.contacts.get(row.contact_id as ContactId) // stored as issued
    const reason = contact ? refusalOf(environment, campaign, contact) : 'contact_deleted'
    if (!contact || reason) rows[index] = { ...row, state: 'suppressed', reason }
    else if (takeMeter(environment, { meter: 'emails.sent', amount: 1, now }).ok) rows[index] = mail(environment, { campaign, template, row, contact }, sending)
    else return emit('campaign.paused', change(environment, id, { status: 'paused', pause_reason: 'quota', updated_at: now }))
  }
  emit('campaign.sent', change(environment, id, { status: 'sent', finished_at: now, updated_at: now }))
}

/** The members of its lists, in the order of their ids; those who must not be mailed are in it with the reason. */
function freeze(environment: MemoryEnvironment, campaign: StoredCampaign): StoredRecipient[] {
  const members = [...environment.contacts.values()].filter(({ id }) => isOnOneOf(environment, id, campaign.list_ids))
  return members.sort((a, b) => (a.id < b.id ? -1 : 1)).map((contact) => {
    const reason = isOnOneOf(environment, contact.id, campaign.exclude_list_ids) ? 'excluded' : refusalOf(environment, campaign, contact)
    return {
      contact_id: contact.id, email: contact.email, email_key: contact.emailKey, state: reason === null ? 'queued' : 'suppressed', reason,
      attempts: 0, message_id: null, sent_at: null, event: null, unsubscribedAt: null,
    }
  })
}

function isOnOneOf({ members }: MemoryEnvironment, contactId: ContactId, listIds: readonly string[]): boolean {
  return listIds.some((id) => members.get(id as ListId)?.has(contactId)) // stored as issued
}

/** Why a contact must not be mailed; null: he may. The best of his lists counts. */
function refusalOf(environment: MemoryEnvironment, { list_ids }: StoredCampaign, contact: StoredContact): string | null {
  const suppressed = environment.suppressions.get(contact.emailKey)
  if (suppressed) return `suppressed:${suppressed.origin}`
  const statuses = membershipsOf(environment, contact.id).filter(({ id }) => list_ids.includes(id)).map(({ status }) => status)
  if (statuses.includes('subscribed')) return null
  return statuses.includes('unconfirmed') ? 'unconfirmed' : statuses.includes('unsubscribed') ? 'unsubscribed' : 'not_on_a_list'
}

function templateOf({ subject, html, text }: StoredCampaign): CompiledTemplate {
  const compiled = compileTemplate(ensureUnsubscribeLink({ subject, html, ...(text !== null && { text }) }))
  if (!compiled.ok) throw new Error('A campaign was stored that cannot be sent')
  return compiled.template
}

type Mailing = { readonly campaign: StoredCampaign; readonly template: CompiledTemplate; readonly row: StoredRecipient; readonly contact: StoredContact }

function mail(environment: MemoryEnvironment, { campaign, template, row, contact }: Mailing, { now, emit, outbox }: Sending): StoredRecipient {
  const { email, firstName, lastName } = contact
  const declared = [...environment.properties.values()]
  const fallbacks = Object.fromEntries(declared.flatMap(({ key, fallback }) => (fallback === null ? [] : [[key, fallback]])))
  const properties = { ...fallbacks, ...contact.properties }
  const campaignId = campaign.id as CampaignId // stored as issued
  const unsubscribeUrl = `https://letterlock.test/u/${campaignId}/${contact.id}`
  const rendered = renderTemplate(template, { contact: { email, firstName, lastName, properties }, unsubscribeUrl })
  if (!rendered.ok) return { ...row, state: 'failed', reason: rendered.reason }
  const messageId = messageIdOf({ kind: 'campaign', id: campaignId, contactId: contact.id }, campaign.from_mailbox)
  const { subject, html, text } = rendered
  outbox.push({
    mode: environment.mode, from: campaign.from_mailbox, to: [email], subject, html, text, replyTo: campaign.reply_to,
    headers: { 'List-Unsubscribe': `<${unsubscribeUrl}>` }, messageId, campaignId, contactId: contact.id, sentAt: now,
  })
  const event = deliveryOf(email)
  suppressAfter(environment, email, { event, now })
  emitDelivery(emit, event, { campaignId, contactId: contact.id, to: email, messageId })
  return { ...row, email, state: 'sent', reason: null, attempts: row.attempts + 1, message_id: messageId, sent_at: now, event }
}

function change({ campaigns }: MemoryEnvironment, id: CampaignId, changes: Partial<StoredCampaign>): ReturnType<typeof campaignSummary> {
  const changed = { ...(campaigns.get(id) as StoredCampaign), ...changes } // the callers found it
  campaigns.set(id, changed)
  return campaignSummary(changed)
}
