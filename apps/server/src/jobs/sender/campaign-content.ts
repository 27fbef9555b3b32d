import type { EnvironmentId } from '@letterlock/contract'
import { type campaignRecipients, campaigns, type Db, properties as declared } from '@letterlock/db'
import {
  compileTemplate, type CompiledTemplate, composeMessage, type ComposeResult, deterministicMessageId, domainOf,
  ensureUnsubscribeLink, type MailAddress, type MergeValue, parseAddress, renderTemplate,
} from '@letterlock/mail'

/** What all messages of one campaign share, ready to be rendered. */
export interface CampaignContent {
  readonly environmentId: EnvironmentId
  readonly id: string
  readonly listIds: readonly string[]
  readonly template: CompiledTemplate
  readonly from: MailAddress
  readonly replyTo: MailAddress | null
  /** What stands in for properties that a contact has not. */
  readonly fallbacks: Readonly<Record<string, MergeValue>>
}

/** Reads and compiles the content of campaigns; keeps those used last. */
export type LoadContent = (campaign: campaigns.CampaignAtWork) => Promise<CampaignContent>

const kept = 16

export function createContentLoader(db: Db): LoadContent {
  const contents = new Map<string, CampaignContent>()
  return async (campaign) => {
    const known = contents.get(campaign.id) ?? (await load(db, campaign))
    contents.delete(campaign.id)
    contents.set(campaign.id, known)
    const oldest = contents.keys().next().value
    if (contents.size > kept && oldest !== undefined) contents.delete(oldest)
    return known
  }
}

async function load(db: Db, { environmentId, id }: campaigns.CampaignAtWork): Promise<CampaignContent> {
  const row = await campaigns.findCampaign(db, environmentId, id)
  if (row === null) throw new Error('A campaign at work is gone')
  const source = { subject: row.subject, html: row.html, ...(row.text === null ? {} : { text: row.text }) }
  const compiled = compileTemplate(ensureUnsubscribeLink(source))
  const from = parseAddress(row.from_mailbox)
  const replyTo = row.reply_to === null ? null : parseAddress(row.reply_to)
  if (!compiled.ok || !from.ok || replyTo?.ok === false) throw new Error('A campaign was stored that cannot be sent')
  const fallbacks = fallbacksOf(await declared.listDeclared(db, environmentId))
  return { environmentId, id, fallbacks, listIds: row.list_ids, template: compiled.template, from: mailAddress(from), replyTo: replyTo && mailAddress(replyTo) }
}

export interface MessageSecrets {
  readonly messageId: Uint8Array
  readonly unsubscribeUrl: (subject: { campaignId: string; contactId: string }) => string
}

/** The same recipient always gets the same Message-ID. */
export function messageIdOf(content: CampaignContent, contactId: string, secret: Uint8Array): string {
  return deterministicMessageId({ secret, kind: 'campaign', id: content.id, contactId, domain: domainOf(content.from.address) })
}

/** Renders the message of one recipient. */
export function composeFor(
  content: CampaignContent,
  recipient: campaignRecipients.ClaimedRecipient,
  options: { messageId: string; date: Date; secrets: MessageSecrets },
): ComposeResult {
  const url = options.secrets.unsubscribeUrl({ campaignId: content.id, contactId: recipient.contactId })
  const { email, firstName, lastName } = recipient
  const own = recipient.properties as Record<string, MergeValue> // the contact handlers store nothing else
  const properties = { ...content.fallbacks, ...own }
  const rendered = renderTemplate(content.template, { contact: { email, firstName, lastName, properties }, unsubscribeUrl: url })
  if (!rendered.ok) return rendered
  return composeMessage({
    from: content.from,
    to: [{ address: email }],
    ...(content.replyTo && { replyTo: content.replyTo }),
    subject: rendered.subject,
    text: rendered.text,
    html: rendered.html,
    messageId: options.messageId,
    date: options.date,
    unsubscribe: { url },
  })
}

function fallbacksOf(properties: readonly declared.Property[]): Record<string, MergeValue> {
  return Object.fromEntries(properties.flatMap(({ key, fallback }) => (fallback === null ? [] : [[key, fallback]])))
}

function mailAddress({ address, name }: { address: string; name?: string }): MailAddress {
  return name === undefined ? { address } : { address, name }
}
