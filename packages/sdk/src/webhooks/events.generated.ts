// Made by scripts/generate.ts from the event table. Change the table, not this file.

import type { CampaignSummary, Contact } from '../operations.generated.ts'

/** What `contact.deleted` tells. */
export interface ContactDeletedData {
  /** Such as `con_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  id: string
  email: string
}

/** A message to somebody: of a campaign to a contact, or sent by `emails.send`. */
export interface Delivery {
  /** Such as `eml_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  emailId?: string
  /** Such as `cmp_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  campaignId?: string
  /** Such as `con_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  contactId?: string
  to: string
  messageId?: string
}

/** What `email.bounced` tells. */
export interface EmailBouncedData {
  /** Such as `eml_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  emailId?: string
  /** Such as `cmp_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  campaignId?: string
  /** Such as `con_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  contactId?: string
  to: string
  messageId?: string
  bounce: 'hard' | 'soft' | (string & {})
  reason: string
}

/** What `email.clicked` tells. */
export interface EmailClickedData {
  /** Such as `eml_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  emailId?: string
  /** Such as `cmp_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  campaignId?: string
  /** Such as `con_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  contactId?: string
  to: string
  messageId?: string
  url: string
}

/** What `email.unsubscribed` tells. */
export interface EmailUnsubscribedData {
  /** Such as `eml_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  emailId?: string
  /** Such as `cmp_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  campaignId?: string
  /** Such as `con_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  contactId?: string
  to: string
  messageId?: string
  listIds: string[]
}

/** What `quota.threshold` tells. */
export interface QuotaThresholdData {
  /** Such as `emails.sent`. */
  meter: string
  /** Such as `2026-11`. */
  month: string
  percent: number
  used: number
  quota: number
  soft: boolean
}

/** What `spend.threshold` tells. */
export interface SpendThresholdData {
  /** Such as `2026-11`. */
  month: string
  percent: number
  /** In minor units of the currency, as the cap. */
  spent: number
  cap: number
  /** Such as `EUR`. */
  currency: string
}

/** An API key, by its id and its name. */
export interface NamedKey {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  keyId: string
  name: string
}

/** What `key.expiring` tells. */
export interface KeyExpiringData {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  keyId: string
  name: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  expiresAt: string
  /** How long before; null: the moment has come. Such as `7d`. */
  warnBefore: string | null
}

/** What `key.expired` tells. */
export interface KeyExpiredData {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  keyId: string
  name: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  expiresAt: string
}

/** What `key.rotated` tells. */
export interface KeyRotatedData {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  keyId: string
  name: string
  version: number
  retiresAt: string | null
}

/** What `key.rotation_due` tells. */
export interface KeyRotationDueData {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  keyId: string
  name: string
  version: number
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  dueAt: string
  /** How long before; null: the moment has come. Such as `7d`. */
  warnBefore: string | null
}

/** What `key.secret_retired` tells. */
export interface KeySecretRetiredData {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  keyId: string
  name: string
  version: number
  cause: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  retiredAt: string
}

/** What `key.unused` tells. */
export interface KeyUnusedData {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  keyId: string
  name: string
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  unusedSince: string
  lastUsedAt: string | null
  /** RFC 3339. Such as `2026-11-22T09:30:00.000Z`. */
  endsAt: string
  /** How long before; null: the moment has come. Such as `7d`. */
  warnBefore: string | null
}

/** What `key.leaked` tells. */
export interface KeyLeakedData {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  keyId: string
  name: string
  source: string
}

/** What `key.quarantined` tells. */
export interface KeyQuarantinedData {
  /** Such as `key_01k8zv3hq5e7tbd6j2m9w4xypn`. */
  keyId: string
  name: string
  reason: string
}

/** The `data` of each event, by its `type`. */
export interface WebhookEvents {
  'contact.created': Contact
  'contact.updated': Contact
  'contact.deleted': ContactDeletedData
  'campaign.scheduled': CampaignSummary
  'campaign.sending': CampaignSummary
  'campaign.paused': CampaignSummary
  'campaign.sent': CampaignSummary
  'campaign.cancelled': CampaignSummary
  'campaign.failed': CampaignSummary
  'email.delivered': Delivery
  'email.bounced': EmailBouncedData
  'email.complained': Delivery
  'email.opened': Delivery
  'email.clicked': EmailClickedData
  'email.unsubscribed': EmailUnsubscribedData
  'quota.threshold': QuotaThresholdData
  'spend.threshold': SpendThresholdData
  'key.created': NamedKey
  'key.updated': NamedKey
  'key.disabled': NamedKey
  'key.enabled': NamedKey
  'key.revoked': NamedKey
  'key.expiring': KeyExpiringData
  'key.expired': KeyExpiredData
  'key.rotated': KeyRotatedData
  'key.rotation_due': KeyRotationDueData
  'key.secret_retired': KeySecretRetiredData
  'key.unused': KeyUnusedData
  'key.leaked': KeyLeakedData
  'key.quarantined': KeyQuarantinedData
}
