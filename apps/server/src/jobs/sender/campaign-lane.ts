import { campaignRecipients, campaigns } from '@letterlock/db'
import type { HandOverResult } from '@letterlock/mail'
import { type CampaignContent, composeFor, type LoadContent, messageIdOf, type MessageSecrets } from './campaign-content.ts'
import { type Claim, claimRecipients } from './claim.ts'
import { type Health, newHealth, note, pauseReasonOf } from './health.ts'
import type { Lane, LaneDeps } from './lane.ts'
import { notHandedOver, type Outcome, outcomeOf } from './outcome.ts'
import { createResultWriter } from './result-writer.ts'
import { createSignal } from './signal.ts'
import { createTurns } from './turns.ts'
import { writeCampaignResults, type WrittenResult } from './write-results.ts'

/** A leased recipient on his way; `attempts` counts the one under way once it is committed. */
interface Item {
  readonly content: CampaignContent
  readonly recipient: campaignRecipients.ClaimedRecipient
  readonly messageId: string
  attempts: number
  leaseUntil: Date
}

export interface CampaignLane extends Lane {
  /** Tells which campaigns of this mode are at work now. */
  readonly setWork: (work: readonly campaigns.CampaignAtWork[]) => void
}

/**
 * Sends the campaigns of one channel. Recipients pass four bounded places, so memory does not grow with the
 * audience: ready (claimed) → attempted (committed, waits for a connection) → handing → results (not committed).
 * All places work at once: connections stay busy while the database commits. The last three are the window
 * that a crash can turn 'unknown'.
 */
export function createCampaignLane(deps: LaneDeps & { loadContent: LoadContent; secrets: MessageSecrets }): CampaignLane {
  const { db, channel, limits, clock, log, owner } = deps
  const signal = createSignal()
  let work: readonly campaigns.CampaignAtWork[] = []
  const turns = createTurns()
  let claiming: Promise<void> | null = null
  let ready: Item[] = []
  const attempted: Item[] = []
  const handing = new Set<Item>()
  const idle = new Set<string>()
  const health = new Map<string, Health>()
  /** Went bad; nothing more of them is attempted while the database learns it. */
  const pausing = new Set<string>()
  let stopping = false
  let running: Promise<void> = Promise.resolve()

  const results = createResultWriter<WrittenResult>({
    write: (batch) => writeCampaignResults(db, owner, batch),
    batch: limits.resultBatch,
    delayMs: limits.resultDelayMs,
    onWritten() {
      if (inWindow() + ready.length === 0) idle.clear() // look at once whether that was the last of a campaign
      signal.notify()
    },
    onError: (error) => log.error({ err: error }, 'results of a campaign could not be written yet'),
  })

  const inWindow = () => attempted.length + handing.size + results.waiting().length
  const leaseFrom = (now: Date) => new Date(now.getTime() + limits.leaseMs)

  async function loop(): Promise<void> {
    while (!stopping) {
      try {
        if (!(await step())) await signal.wait(limits.pollMs)
      } catch (error) {
        log.error({ err: error }, 'the sender of campaigns could not go on; trying again')
        await signal.wait(limits.pollMs)
      }
    }
  }

  /** One move of the lane; false when there is nothing to do until something changes. */
  async function step(): Promise<boolean> {
    if (!channel.isOpen(clock())) return false
    refill()
    const room = Math.min(limits.attemptBatch, limits.inFlightWindow - inWindow())
    const next = ready.filter(({ content }) => !pausing.has(content.id))
    const [first] = next
    if (first === undefined || room < Math.min(limits.attemptBatch, next.length)) return false
    const until = next.findIndex((item) => item.content !== first.content)
    const available = Math.min(room, until === -1 ? next.length : until)
    const tokens = channel.take(available, 'campaign', clock())
    if (tokens === 0) return false
    await attempt(next.slice(0, tokens))
    return true
  }

  function refill(): void {
    if (claiming !== null || ready.length >= limits.refillBelow) return
    const campaign = turns.next(work.filter(({ id }) => !idle.has(id) && !pausing.has(id)))
    if (campaign === undefined) return
    claiming = claimFrom(campaign)
      .catch((error: unknown) => {
        idle.add(campaign.id)
        log.error({ err: error, campaignId: campaign.id }, 'recipients could not be claimed; trying again')
      })
      .finally(() => {
        claiming = null
        signal.notify()
      })
  }

  async function claimFrom(campaign: campaigns.CampaignAtWork): Promise<void> {
    const content = await deps.loadContent(campaign)
    const now = clock()
    const leaseUntil = leaseFrom(now)
    const claim: Claim = await claimRecipients(db, campaign, { limit: limits.claimBatch, owner, leaseUntil, now })
    for (const recipient of claim.recipients) {
      const messageId = recipient.messageId ?? messageIdOf(content, recipient.contactId, deps.secrets.messageId)
      ready.push({ content, recipient, messageId, attempts: recipient.attempts, leaseUntil })
    }
    if (claim.more) return
    idle.add(campaign.id)
    if (claim.recipients.length === 0 && campaign.frozen) await finish(campaign)
  }

  async function finish({ environmentId, id }: campaigns.CampaignAtWork): Promise<void> {
    if (!(await campaigns.finishCampaign(db, environmentId, { id, now: clock() }))) return
    health.delete(id)
    log.info({ campaignId: id }, 'a campaign is sent')
  }

  /** Commits the attempts first; who does not come back must not be mailed and goes back to be claimed anew. */
  async function attempt(items: readonly Item[]): Promise<void> {
    const [{ content }] = items as [Item] // the caller takes at least one
    const leaseUntil = leaseFrom(clock())
    const allowed = await campaignRecipients.beginAttempts(db, content.environmentId, {
      campaignId: content.id,
      listIds: content.listIds,
      attempts: items.map(({ recipient: { contactId, claim }, messageId }) => ({ contactId, claim, messageId })),
      owner,
      leaseUntil,
    })
    const taken = new Set(items)
    ready = ready.filter((item) => !taken.has(item))
    const refused: Item[] = []
    for (const item of items) {
      if (!allowed.has(item.recipient.contactId)) refused.push(item)
      else attempted.push(Object.assign(item, { attempts: item.attempts + 1, leaseUntil }))
    }
    handOverNext()
    if (refused.length > 0) await release(refused)
  }

  function handOverNext(): void {
    while (attempted.length > 0 && handing.size < deps.connectionsFor('campaign')) {
      const item = attempted.shift() as Item // the loop's condition
      handing.add(item)
      void handOver(item).finally(() => {
        handing.delete(item)
        handOverNext()
        if (attempted.length < limits.attemptBatch) signal.notify()
      })
    }
  }

  async function handOver(item: Item): Promise<void> {
    const now = clock()
    if (now > item.leaseUntil || !channel.isOpen(now)) return record(item, notHandedOver(channel.reopensAt(now)))
    const composed = composeFor(item.content, item.recipient, { messageId: item.messageId, date: now, secrets: deps.secrets })
    if (!composed.ok) return judge(item, { kind: 'permanent', code: 0, response: `not composed: ${composed.reason}` })
    try {
      judge(item, await channel.handOver(composed.message, { attempt: item.attempts }))
    } catch (error) {
      log.error({ err: error, campaignId: item.content.id }, 'a transport failed in a way it must not')
      judge(item, { kind: 'unknown', reason: 'The transport failed.' })
    }
  }

  function judge(item: Item, result: HandOverResult): void {
    const now = clock()
    if (!(result.kind === 'permanent' && result.code === 0)) channel.learn(result, now)
    const reopensAt = channel.reopensAt(now)
    record(item, outcomeOf(result, { attempt: item.attempts, now, reopensAt, random: deps.random, limits }), result)
    watch(item.content, result, now)
  }

  function record(item: Item, outcome: Outcome, result?: HandOverResult): void {
    const { environmentId, id: campaignId } = item.content
    const { contactId, emailKey, claim } = item.recipient
    const event = result?.kind === 'accepted' ? result.simulated?.[0]?.event : undefined
    results.add({ environmentId, campaignId, contactId, emailKey, claim, ...outcome, event })
  }

  /** Pauses a campaign whose results went bad. */
  function watch(content: CampaignContent, result: HandOverResult, now: Date): void {
    const known = health.get(content.id) ?? newHealth(now)
    health.set(content.id, known)
    if (result.kind === 'temporary') known.temporaryInARow += 1
    else if (result.kind === 'accepted') Object.assign(known, { temporaryInARow: 0, lastAcceptedAt: now })
    if (result.kind === 'permanent' || result.kind === 'unknown') note(known, 'failed', limits)
    else if (result.kind === 'accepted') note(known, signOf(result), limits)
    const reason = pauseReasonOf(known, limits, now)
    if (reason === null || pausing.has(content.id)) return
    health.delete(content.id)
    void pause(content, { reason, now }).catch((error: unknown) => log.error({ err: error }, 'a campaign could not be paused'))
  }

  /** Of what is ready nothing more goes out, however long the database takes; it goes back then. */
  async function pause({ environmentId, id }: CampaignContent, { reason, now }: { reason: campaigns.PauseReason; now: Date }): Promise<void> {
    pausing.add(id)
    try {
      if (await campaigns.pauseCampaign(db, environmentId, { id, reason, now })) log.warn({ campaignId: id, reason }, 'a campaign is paused')
    } finally {
      const held = ready.filter(({ content }) => content.id === id)
      ready = ready.filter(({ content }) => content.id !== id)
      pausing.delete(id)
      await release(held)
    }
  }

  async function release(items: readonly Item[]): Promise<void> {
    for (const content of new Set(items.map((item) => item.content))) {
      const contactIds = items.filter((item) => item.content === content).map((item) => item.recipient.contactId)
      await campaignRecipients.releaseClaims(db, content.environmentId, { campaignId: content.id, contactIds, owner, uncharge: false })
    }
  }

  return {
    start() {
      running = loop()
    },
    notify: signal.notify,
    active: () => handing.size,
    setWork(current) {
      work = current
      turns.keep(work)
      idle.clear()
      signal.notify()
    },
    async heartbeat(leaseUntil) {
      const held = [...ready, ...attempted, ...handing]
      const rows = [
        ...held.map((item) => ({ environmentId: item.content.environmentId, campaignId: item.content.id, contactId: item.recipient.contactId })),
        ...results.waiting(),
      ]
      if (rows.length === 0) return
      await campaignRecipients.extendLeases(db, owner, { rows, leaseUntil })
      for (const item of held) item.leaseUntil = leaseUntil
    },
    async stop(enough) {
      stopping = true
      signal.notify()
      await running
      await claiming
      for (const item of attempted.splice(0)) record(item, notHandedOver(clock()))
      await release(ready.splice(0)).catch((error: unknown) => log.error({ err: error }, 'claims could not be given back'))
      while (handing.size > 0 && !enough.aborted) await signal.wait(20)
      await results.drain(enough)
    },
  }
}

function signOf(result: HandOverResult & { kind: 'accepted' }) {
  const event = result.simulated?.[0]?.event
  return event === undefined || event === 'delivered' ? 'fine' : event
}
