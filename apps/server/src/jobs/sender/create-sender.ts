import { campaignRecipients, campaigns, type Db, emails } from '@letterlock/db'
import type { HandOver } from '@letterlock/mail'
import { randomInt, randomUUID } from 'node:crypto'
import type { Log } from '../../log.ts'
import { createContentLoader } from './campaign-content.ts'
import { type CampaignLane, createCampaignLane } from './campaign-lane.ts'
import { createChannel } from './channel.ts'
import { createEmailLane } from './email-lane.ts'
import { createFreezer } from './freezer.ts'
import type { Lane } from './lane.ts'
import { defaultLimits, type SenderLimits } from './limits.ts'
import { createSignal } from './signal.ts'

export interface SenderOptions {
  /** Needs about six connections of its own. */
  readonly db: Db
  /** Real mail, and the simulator of test environments. */
  readonly transports: { readonly live: HandOver; readonly test: HandOver }
  readonly clock: () => Date
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>
  /** At least 32 bytes; the same for all processes and for ever. */
  readonly messageIdSecret: Uint8Array
  /** The public address of an unsubscribe link. */
  readonly unsubscribeUrl: (subject: { campaignId: string; contactId: string }) => string
  /** From 0 up to 1; spreads retries. */
  readonly random?: () => number
  readonly limits?: Partial<SenderLimits>
}

export interface Sender {
  readonly start: () => void
  /** Looks for work at once; for whoever has just committed some. */
  readonly wake: () => void
  /** Drains: finishes hand-overs under way, writes their results, gives claims back. */
  readonly stop: () => Promise<void>
}

const atOnce = 500
const uniform = () => randomInt(2 ** 32) / 2 ** 32

/**
 * Sends campaigns and transactional mail from rows of PostgreSQL. Any number of processes may run one: rows are
 * leased, every attempt is committed before its hand-over, and what a dead process attempted is never sent again.
 */
export function createSender(options: SenderOptions): Sender {
  const { db, clock, log, random = uniform } = options
  const limits = { ...defaultLimits, ...options.limits }
  const owner = `snd_${randomUUID()}`
  const signal = createSignal()
  const freezer = createFreezer({ db, size: limits.freezeBatch, clock, log, onFrozen: signal.notify })
  const loadContent = createContentLoader(db)
  const secrets = { messageId: options.messageIdSecret, unsubscribeUrl: options.unsubscribeUrl }
  const channels = (['live', 'test'] as const).map(openChannel)
  const lanes: readonly Lane[] = channels.flatMap(({ campaignLane, emailLane }) => [campaignLane, emailLane])
  let stopping = false
  let running: Promise<void> = Promise.resolve()
  let heart: NodeJS.Timeout | null = null

  function openChannel(mode: 'live' | 'test') {
    const channel = createChannel({ mode, handOver: options.transports[mode], limits, random })
    // a lane may use what the other one does not; campaigns always leave the reserve
    const connectionsFor = (lane: 'campaign' | 'email'): number =>
      lane === 'campaign'
        ? Math.max(1, limits.connections - Math.max(limits.reservedConnections, emailLane.active()))
        : Math.max(1, limits.connections - campaignLane.active())
    const shared = { db, channel, limits, clock, random, log, owner, connectionsFor }
    const campaignLane: CampaignLane = createCampaignLane({ ...shared, loadContent, secrets })
    const emailLane: Lane = createEmailLane({ ...shared, messageIdSecret: options.messageIdSecret })
    return { mode, campaignLane, emailLane }
  }

  async function loop(): Promise<void> {
    while (!stopping) {
      await look().catch((error: unknown) => log.error({ err: error }, 'the sender cannot look for work; trying again'))
      await signal.wait(limits.pollMs)
    }
  }

  /** Applies the crash rule, and tells each lane what there is to do. */
  async function look(): Promise<void> {
    const now = clock()
    const { unknown } = await campaignRecipients.expireLeases(db, now)
    if (unknown > 0) log.warn({ recipients: unknown }, 'a sender ended without the results of attempts; they are unknown now')
    await emails.expireEmailLeases(db, now)
    await campaigns.resumeWithinQuota(db, now)
    const work = await campaigns.listCampaignsAtWork(db, atOnce)
    freezer.setWork(work.filter(({ frozen }) => !frozen))
    for (const { mode, campaignLane, emailLane } of channels) {
      campaignLane.setWork(work.filter((campaign) => campaign.mode === mode))
      emailLane.notify()
    }
  }

  async function beat(): Promise<void> {
    const leaseUntil = new Date(clock().getTime() + limits.leaseMs)
    await Promise.all(lanes.map((lane) => lane.heartbeat(leaseUntil)))
  }

  return {
    start() {
      running = loop()
      for (const lane of lanes) lane.start()
      const onError = (error: unknown) => log.error({ err: error }, 'leases could not be extended; trying again')
      heart = setInterval(() => void beat().catch(onError), limits.heartbeatMs)
    },
    wake: signal.notify,
    async stop() {
      const enough = AbortSignal.timeout(limits.drainMs)
      stopping = true
      signal.notify()
      await Promise.all([running, freezer.stop(), ...lanes.map((lane) => lane.stop(enough))])
      if (heart) clearInterval(heart)
    },
  }
}
