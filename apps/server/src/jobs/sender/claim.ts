import { newId } from '@letterlock/contract'
import { campaignRecipients, campaigns, type Db, meters } from '@letterlock/db'

/** Recipients leased and paid for, and whether there may be more at once. */
export interface Claim {
  readonly recipients: readonly campaignRecipients.ClaimedRecipient[]
  readonly more: boolean
}

/**
 * Leases the next recipients of a campaign and pays for those that are new, in one transaction. Where the
 * quota ends, the rest goes back and the campaign pauses.
 */
export function claimRecipients(
  db: Db,
  campaign: campaigns.CampaignAtWork,
  claim: { limit: number; owner: string; leaseUntil: Date; now: Date },
): Promise<Claim> {
  const { environmentId, id: campaignId, listIds } = campaign
  return db.transaction().execute(async (tx) => {
    const { claimed, looked } = await campaignRecipients.claimDue(tx, environmentId, { campaignId, listIds, ...claim })
    const unpaid = claimed.filter((recipient) => !recipient.wasCharged)
    const more = looked === claim.limit
    if (unpaid.length === 0) return { recipients: claimed, more }
    const granted = await meters.takeUpTo(tx, environmentId, {
      meter: 'emails.sent',
      amount: unpaid.length,
      reference: `${campaignId}:${newId('request')}`,
      now: claim.now,
    })
    if (granted === unpaid.length) return { recipients: claimed, more }
    const refused = new Set(unpaid.slice(granted).map((recipient) => recipient.contactId))
    await campaignRecipients.releaseClaims(tx, environmentId, { campaignId, contactIds: [...refused], owner: claim.owner, uncharge: true })
    await campaigns.pauseCampaign(tx, environmentId, { id: campaignId, reason: 'quota', now: claim.now })
    return { recipients: claimed.filter((recipient) => !refused.has(recipient.contactId)), more: false }
  })
}
