import type { Letterlock } from 'letterlock'
import { setTimeout as wait } from 'node:timers/promises'

/** Prints how far the campaign is until it has ended; returns its final statistics. */
export async function followCampaign(letterlock: Letterlock, id: string) {
  for (;;) {
    const { status, pauseReason } = await letterlock.campaigns.get(id)
    const stats = await letterlock.campaigns.stats(id)
    console.log(`${status.padEnd(10)} ${stats.sent} of ${stats.audience}`)
    if (status === 'sent') return stats
    if (status !== 'sending') throw new Error(`the campaign is ${status}${pauseReason ? ` (${pauseReason})` : ''}`)
    await wait(500)
  }
}
