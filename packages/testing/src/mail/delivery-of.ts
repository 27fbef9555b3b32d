import { parseAddress, simulatorDomain } from '@letterlock/mail'
import type { MemoryEnvironment } from '../memory/environment.ts'

/** What becomes of a message to an address: `bounced@` and `complained@` of the simulator do what they say. */
export type DeliveryEvent = 'delivered' | 'bounced' | 'complained'

export function deliveryOf(mailbox: string): DeliveryEvent {
  const name = addressOf(mailbox).split('@' + simulatorDomain)[0]?.split('+')[0]
  return addressOf(mailbox).endsWith(`@${simulatorDomain}`) && (name === 'bounced' || name === 'complained') ? name : 'delivered'
}

/** Who bounced or complained is not mailed again. */
export function suppressAfter({ suppressions }: MemoryEnvironment, mailbox: string, { event, now }: { event: DeliveryEvent; now: Date }): void {
  const emailKey = addressOf(mailbox)
  if (event !== 'delivered' && !suppressions.has(emailKey)) suppressions.set(emailKey, { origin: event === 'bounced' ? 'bounce' : 'complaint', createdAt: now })
}

/** The normalised address of a mailbox. */
export function addressOf(mailbox: string): string {
  const parsed = parseAddress(mailbox)
  return parsed.ok ? parsed.key : mailbox.toLowerCase()
}
