import { newId, type NodeId } from '@letterlock/contract'
import { type Db, nodes } from '@letterlock/db'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import { repeat } from './repeat.ts'
import { within } from './within.ts'

const beatMs = 1_000 // a share of a limit is right soon after a node came
const missedAfterMs = 5 * beatMs

/** What this process is among the others, and knows of them. */
export interface Nodes {
  readonly nodeId: NodeId
  /** How many nodes there are, as last known; 1 or more. Each may take tokens: those of root keys as well. */
  readonly liveNodes: () => number
}

/** What the node's beat needs. */
export interface JoinNodesNeeds {
  readonly db: Db
  readonly config: Pick<Config, 'roles' | 'limits'>
  readonly log: Pick<Log, 'warn'>
  /** How long a stop waits for the database; 2 000 unless given. */
  readonly leaveMs?: number
}

/** Tells the other nodes that this one is there, and counts them. */
export async function joinNodes({ db, config, log, leaveMs = 2_000 }: JoinNodesNeeds, closers: AsyncDisposableStack): Promise<Nodes> {
  const id = newId('node')
  let live = 1
  let hasWarned = false
  async function beat(): Promise<void> {
    await nodes.heartbeat(db, { id, roles: config.roles })
    await nodes.pruneDead(db, { withinMs: 100 * missedAfterMs })
    live = Math.max(1, await nodes.countLive(db, { withinMs: missedAfterMs }))
    if (live > 1 && config.limits === 'memory' && !hasWarned) {
      hasWarned = true
      log.warn({ nodes: live }, 'each node counts rate limits by itself: set REDIS_URL, or LETTERLOCK_LIMITS=postgres')
    }
  }
  const beating = repeat(beatMs, beat, (error) => log.warn({ err: error }, 'this node could not say that it is there'))
  closers.defer(async () => {
    try {
      await within(leaveMs, beating.stop().then(() => nodes.remove(db, id)))
    } catch (error) {
      log.warn({ err: error }, `this node could not say that it leaves: the others count it for ${missedAfterMs / 1_000} seconds more`)
    }
  })
  await beat()
  return { nodeId: id, liveNodes: () => live }
}
