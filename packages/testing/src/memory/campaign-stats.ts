import type { AnswerOf } from '@letterlock/contract'
import type { StoredRecipient } from './environment.ts'

/** Counts recipients by their state, and what happened to what was sent. */
export function statsOf(recipients: readonly StoredRecipient[]): AnswerOf<'campaigns.stats'>['body'] {
  const inState = (state: StoredRecipient['state']) => recipients.filter((row) => row.state === state).length
  const after = (event: StoredRecipient['event']) => recipients.filter((row) => row.event === event).length
  return {
    audience: recipients.length,
    queued: inState('queued'), sending: 0, sent: inState('sent'), failed: inState('failed'), suppressed: inState('suppressed'), unknown: 0,
    delivered: after('delivered') + after('complained'), bounced: after('bounced'), complained: after('complained'),
    unsubscribed: recipients.filter(({ unsubscribedAt }) => unsubscribedAt).length, opened: 0, clicked: 0,
  }
}
