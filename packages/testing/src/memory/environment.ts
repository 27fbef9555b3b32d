import type { CampaignId, ContactId, EmailId, EnvironmentId, ListId, WorkspaceId } from '@letterlock/contract'
import { newId } from '@letterlock/contract'
import type { campaignReports, campaigns, emails, personRecords, properties } from '@letterlock/db'
import type { ContactFields, ListStatus } from '@letterlock/db/contact'

export interface StoredContact extends ContactFields {
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface StoredList {
  readonly id: ListId
  readonly name: string
  readonly description: string | null
  readonly doubleOptIn: boolean
  readonly visibility: 'private' | 'public'
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** An e-mail as the wire needs it, and what is sent. */
export type StoredEmail = Pick<
  emails.EmailRow,
  | 'id' | 'from_mailbox' | 'recipients' | 'subject' | 'html' | 'text' | 'reply_to' | 'tags' | 'state' | 'reason' | 'attempts'
  | 'message_id' | 'created_at' | 'sent_at'
> & { readonly headers: Readonly<Record<string, string>> }

export type StoredCampaign = campaigns.CampaignRow

/** One person of a frozen audience, and what happened to his message. */
export interface StoredRecipient extends campaignReports.RecipientRow {
  readonly email_key: string
  readonly event: 'delivered' | 'bounced' | 'complained' | null
  readonly unsubscribedAt: Date | null
}

export interface StoredSuppression {
  readonly origin: 'bounce' | 'complaint' | 'manual' | 'erasure'
  readonly createdAt: Date
}

/** One taking from a meter, or giving back. */
export interface LedgerEntry {
  readonly meter: string
  readonly amount: number
  readonly at: Date
}

export interface StoredAnswer {
  readonly requestHash: Buffer
  readonly status: number
  readonly json: string | null
  readonly at: Date
}

/** All that one environment has, in memory; maps are in the order of creation. */
export interface MemoryEnvironment {
  readonly id: EnvironmentId
  readonly workspaceId: WorkspaceId
  readonly mode: 'live' | 'test'
  readonly contacts: Map<ContactId, StoredContact>
  readonly contactsByAddress: Map<string, ContactId>
  /** What contacts may carry, by key. */
  readonly properties: Map<string, properties.Property>
  readonly lists: Map<ListId, StoredList>
  readonly members: Map<ListId, Map<ContactId, ListStatus>>
  /** When somebody left, by `list address`. */
  readonly optOuts: Map<string, Date>
  /** Why an address is not mailed, by address. */
  readonly suppressions: Map<string, StoredSuppression>
  /** Addresses of those who were erased. */
  readonly erased: Set<string>
  /** What people agreed to, oldest first. */
  readonly consent: Map<ContactId, personRecords.ConsentEvent[]>
  readonly campaigns: Map<CampaignId, StoredCampaign>
  readonly recipients: Map<CampaignId, StoredRecipient[]>
  readonly emails: Map<EmailId, StoredEmail>
  readonly ledger: LedgerEntry[]
  /** Sums of the ledger by meter and period. */
  readonly totals: Map<string, number>
  readonly quotas: Map<string, number>
  /** Which thresholds were told of. */
  readonly toldQuotas: Set<string>
  readonly idempotentAnswers: Map<string, StoredAnswer>
  /** Requests that were served, by day. */
  readonly requestsByDay: Map<string, number>
}

export function memoryEnvironment(workspaceId: WorkspaceId, mode: 'live' | 'test'): MemoryEnvironment {
  return {
    id: newId('environment'), workspaceId, mode,
    contacts: new Map(), contactsByAddress: new Map(), properties: new Map(), lists: new Map(), members: new Map(), optOuts: new Map(), suppressions: new Map(),
    erased: new Set(), consent: new Map(),
    campaigns: new Map(), recipients: new Map(), emails: new Map(), ledger: [], totals: new Map(), quotas: new Map(), toldQuotas: new Set(), idempotentAnswers: new Map(),
    requestsByDay: new Map(),
  }
}
