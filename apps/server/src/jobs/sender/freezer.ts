import { campaignRecipients, type campaigns, type Db } from '@letterlock/db'
import type { Log } from '../../log.ts'

/** Freezes the audiences of campaigns that have started. */
export interface Freezer {
  /** Tells which campaigns are not frozen yet. */
  readonly setWork: (work: readonly campaigns.CampaignAtWork[]) => void
  /** Takes no further part; resolves when the parts under way are written. */
  readonly stop: () => Promise<void>
}

/** Few, so that heartbeats and results always find a connection. */
const freezesAtOnce = 2

/**
 * Works on few campaigns at a time, however many wait: each freezes one part of its audience and goes back to the
 * end of the queue, so that neither a huge audience nor one that fails keeps the others waiting.
 */
export function createFreezer(options: {
  db: Db
  /** Contacts frozen in one transaction. */
  size: number
  clock: () => Date
  log: Pick<Log, 'error'>
  /** A part is frozen: somebody may be mailed. */
  onFrozen: () => void
}): Freezer {
  const { db, size, clock, log, onFrozen } = options
  let queue: campaigns.CampaignAtWork[] = []
  const freezing = new Map<string, Promise<void>>()
  let stopping = false

  function freezeNext(): void {
    while (!stopping && freezing.size < freezesAtOnce) {
      const campaign = queue.shift()
      if (campaign === undefined) return
      freezing.set(campaign.id, freezePart(campaign).finally(() => {
        freezing.delete(campaign.id)
        freezeNext()
      }))
    }
  }

  async function freezePart(campaign: campaigns.CampaignAtWork): Promise<void> {
    const { environmentId, id: campaignId } = campaign
    try {
      const frozen = await db.transaction().execute((tx) =>
        campaignRecipients.freezeNext(tx, environmentId, { campaignId, size, now: clock() }))
      if (frozen === 'more') queue.push(campaign)
      if (frozen !== 'busy') onFrozen()
    } catch (error) {
      log.error({ err: error, campaignId }, 'an audience could not be frozen; trying again')
    }
  }

  return {
    setWork(work) {
      const wanted = new Set(work.map(({ id }) => id))
      const kept = queue.filter(({ id }) => wanted.has(id))
      const known = new Set([...freezing.keys(), ...kept.map(({ id }) => id)])
      queue = [...kept, ...work.filter(({ id }) => !known.has(id))]
      freezeNext()
    },
    async stop() {
      stopping = true
      await Promise.all(freezing.values())
    },
  }
}
