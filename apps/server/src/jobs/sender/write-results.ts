import type { EnvironmentId } from '@letterlock/contract'
import { campaignRecipients, type Db, suppressions } from '@letterlock/db'
import type { SimulatedEvent } from '@letterlock/mail'
import type { Outcome } from './outcome.ts'

/** The result of one attempt at one recipient, and what the simulator says happened afterwards. */
export interface WrittenResult extends Outcome {
  readonly environmentId: EnvironmentId
  readonly campaignId: string
  readonly contactId: string
  readonly emailKey: string
  readonly claim: number
  readonly event: SimulatedEvent['event'] | undefined
}

/** Writes a batch of results; bounces and complaints suppress their addresses in the same transaction. */
export async function writeCampaignResults(db: Db, owner: string, batch: readonly WrittenResult[]): Promise<void> {
  const rows = batch.map(toRow)
  const harmful = batch.filter(({ event }) => event === 'bounced' || event === 'complained')
  if (harmful.length === 0) return campaignRecipients.writeResults(db, owner, rows)
  harmful.sort((a, b) => (a.emailKey < b.emailKey ? -1 : 1)) // one order for all, so that no two wait for each other
  await db.transaction().execute(async (tx) => {
    await campaignRecipients.writeResults(tx, owner, rows)
    for (const { environmentId, emailKey, event, campaignId, sentAt } of harmful) {
      if (sentAt === null) continue
      const origin = event === 'bounced' ? 'bounce' : 'complaint'
      await suppressions.addSuppression(tx, environmentId, { emailKey, origin, source: campaignId, now: sentAt })
    }
  })
}

function toRow({ event, ...result }: WrittenResult): campaignRecipients.AttemptResult {
  return {
    ...result,
    deliveredAt: event === 'delivered' || event === 'complained' ? result.sentAt : null,
    bouncedAt: event === 'bounced' ? result.sentAt : null,
    complainedAt: event === 'complained' ? result.sentAt : null,
  }
}
