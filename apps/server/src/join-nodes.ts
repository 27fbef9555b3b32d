import { newId } from '@letterlock/contract'
import { type Db, nodes } from '@letterlock/db'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import { repeat } from './repeat.ts'

const beatMs = 5_000
const missedAfterMs = 3 * beatMs

/** What this process knows of the others. */
export interface Nodes {
  /** How many nodes answer product requests, as last known; 1 or more. */
  readonly liveNodes: () => number
}

/** Tells the other nodes that this one is there, and counts them. */
export async function joinNodes(needs: { db: Db; config: Config; clock: () => Date; log: Log }, closers: AsyncDisposableStack): Promise<Nodes> {
  const { db, config, clock, log } = needs
  const id = newId('node')
  let live = 1
  let hasWarned = false
  async function beat(): Promise<void> {
    const now = clock()
    await nodes.heartbeat(db, { id, roles: config.roles, now })
    const since = new Date(now.getTime() - missedAfterMs)
    await nodes.pruneDead(db, { before: new Date(now.getTime() - 100 * missedAfterMs) })
    live = Math.max(1, await nodes.countLive(db, { since, role: 'api' }))
    if (live > 1 && config.limits === 'memory' && !hasWarned) {
      hasWarned = true
      log.warn({ nodes: live }, 'each node counts rate limits by itself: set REDIS_URL, or LETTERLOCK_LIMITS=postgres')
    }
  }
  const beating = repeat(beatMs, beat, (error) => log.warn({ err: error }, 'this node could not say that it is there'))
  closers.defer(async () => {
    await beating.stop()
    await nodes.remove(db, id).catch(() => undefined) // it will be missed anyway
  })
  await beat()
  return { liveNodes: () => live }
}
