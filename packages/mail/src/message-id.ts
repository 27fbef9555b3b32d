import { createHmac } from 'node:crypto'

/** What one Message-ID is made from. The same input always gives the same id. */
export interface MessageIdInput {
  /** At least 32 bytes, used for nothing else. Without it nobody can guess an id. */
  readonly secret: string | Uint8Array
  readonly kind: 'campaign' | 'email'
  /** The `cmp_…` or `eml_…` the message belongs to. */
  readonly id: string
  /** The `con_…` of a campaign's recipient. */
  readonly contactId?: string
  /** The domain after the `@`, ASCII. */
  readonly domain: string
}

/**
 * Makes the Message-ID of one message to one recipient: `<40 hex characters@domain>`.
 *
 * It is written down before the hand-over, so after a crash the same message still has the same id and
 * a provider or a recipient's server can be asked about it.
 */
export function deterministicMessageId(input: MessageIdInput): string {
  const name = `${input.kind}\0${input.id}\0${input.contactId ?? ''}`
  const digest = createHmac('sha256', input.secret).update(name).digest('hex')
  return `<${digest.slice(0, 40)}@${input.domain}>`
}
