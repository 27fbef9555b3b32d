import { emails, suppressions } from '@letterlock/db'
import type { HandOverResult, MailAddress } from '@letterlock/mail'
import { composeEmail, emailMessageId, recipientsOf } from './email-message.ts'
import type { Lane, LaneDeps } from './lane.ts'
import { notHandedOver, type Outcome, outcomeOf } from './outcome.ts'
import { createSignal } from './signal.ts'

type Recipient = MailAddress & { key: string }

/** Sends transactional mail on connections that campaigns leave free: it never waits behind one of them. */
export function createEmailLane(deps: LaneDeps & { messageIdSecret: Uint8Array }): Lane {
  const { db, channel, limits, clock, log, owner } = deps
  const signal = createSignal()
  const underWay = new Map<string, emails.ClaimedEmail>()
  let stopping = false
  let running: Promise<void> = Promise.resolve()

  async function loop(): Promise<void> {
    while (!stopping) {
      try {
        if (!(await step())) await signal.wait(limits.pollMs)
      } catch (error) {
        log.error({ err: error }, 'the sender of e-mails could not go on; trying again')
        await signal.wait(limits.pollMs)
      }
    }
  }

  async function step(): Promise<boolean> {
    const now = clock()
    const room = deps.connectionsFor('email') - underWay.size
    if (room <= 0 || !channel.isOpen(now)) return false
    const leaseUntil = new Date(now.getTime() + limits.leaseMs)
    const claimed = await emails.claimEmails(db, { mode: channel.mode, limit: room, owner, leaseUntil, now })
    for (const email of claimed) {
      underWay.set(email.id, email)
      void send(email).finally(() => {
        underWay.delete(email.id)
        signal.notify()
      })
    }
    return claimed.length === room
  }

  async function send(email: emails.ClaimedEmail): Promise<void> {
    try {
      const recipients = await allowedRecipients(email)
      if (recipients.length === 0) return await write(email, suppressed)
      const now = clock()
      if (channel.take(1, 'email', now) === 0) {
        return await write(email, { ...notHandedOver(new Date(now.getTime() + 250)), refund: false })
      }
      await attempt(email, recipients)
    } catch (error) {
      log.error({ err: error, emailId: email.id }, 'an e-mail could not be sent; its lease decides')
    }
  }

  /** Whoever was suppressed since the request is left out. */
  async function allowedRecipients(email: emails.ClaimedEmail): Promise<Recipient[]> {
    const recipients = recipientsOf(email)
    const keys = recipients.map((recipient) => recipient.key)
    const refused = await suppressions.listSuppressedKeys(db, email.environmentId, keys)
    return recipients.filter((recipient) => !refused.has(recipient.key))
  }

  async function attempt(email: emails.ClaimedEmail, recipients: readonly Recipient[]): Promise<void> {
    const messageId = email.messageId ?? emailMessageId(email, deps.messageIdSecret)
    const leaseUntil = new Date(clock().getTime() + limits.leaseMs)
    const { environmentId, id, attempts, claim } = email
    if (!(await emails.beginEmailAttempt(db, environmentId, { id, claim, messageId, owner, leaseUntil }))) return
    const to = recipients.map(({ key: _, ...address }) => address)
    const composed = composeEmail(email, { to, messageId, date: clock() })
    const result: HandOverResult = composed.ok
      ? await channel.handOver(composed.message, { attempt: attempts + 1 })
      : { kind: 'permanent', code: 0, response: `not composed: ${composed.reason}` }
    const now = clock()
    if (composed.ok) channel.learn(result, now)
    const reopensAt = channel.reopensAt(now)
    const outcome = outcomeOf(result, { attempt: attempts + 1, now, reopensAt, random: deps.random, limits })
    await write(email, outcome)
    if (result.kind === 'accepted') await suppressReported(email, { result, recipients, now })
  }

  /** A result must not get lost: it is written until the database takes it. */
  async function write(email: emails.ClaimedEmail, result: Omit<Outcome, 'state'> & { state: emails.EmailResult['state'] }) {
    for (let failures = 0; ; failures += 1) {
      try {
        return await emails.writeEmailResult(db, email.environmentId, { id: email.id, claim: email.claim, owner, ...result })
      } catch (error) {
        log.error({ err: error, emailId: email.id }, 'the result of an e-mail could not be written yet')
        if (stopping && failures > 5) return
        await new Promise((resolve) => setTimeout(resolve, Math.min(5_000, 100 * 2 ** failures)))
      }
    }
  }

  async function suppressReported(
    email: emails.ClaimedEmail,
    report: { result: HandOverResult & { kind: 'accepted' }; recipients: readonly Recipient[]; now: Date },
  ): Promise<void> {
    const { result, recipients, now } = report
    for (const { address, event } of result.simulated ?? []) {
      const key = recipients.find((recipient) => recipient.address === address)?.key
      if (event === 'delivered' || key === undefined) continue
      const suppression = { emailKey: key, origin: event === 'bounced' ? 'bounce' as const : 'complaint' as const, source: email.id, now }
      await db.transaction().execute((tx) => suppressions.addSuppression(tx, email.environmentId, suppression))
    }
  }

  return {
    start() {
      running = loop()
    },
    notify: signal.notify,
    active: () => underWay.size,
    async heartbeat(leaseUntil) {
      const rows = [...underWay.values()]
      if (rows.length > 0) await emails.extendEmailLeases(db, owner, { rows, leaseUntil })
    },
    async stop(enough) {
      stopping = true
      signal.notify()
      await running
      while (underWay.size > 0 && !enough.aborted) await signal.wait(20)
    },
  }
}

const suppressed = {
  state: 'suppressed', reason: 'every recipient is suppressed', nextAttemptAt: null, refund: false, sentAt: null,
} as const
