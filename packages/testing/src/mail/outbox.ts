import type { CampaignId, ContactId, EmailId } from '@letterlock/contract'

/** A message that the server handed over, as its receiver gets it. */
export interface SentMessage {
  readonly mode: 'live' | 'test'
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly html: string | null
  readonly text: string | null
  readonly replyTo: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly messageId: string
  /** Of `emails.send`; else `campaignId` and `contactId` are there. */
  readonly emailId?: EmailId
  readonly campaignId?: CampaignId
  readonly contactId?: ContactId
  readonly sentAt: Date
}
