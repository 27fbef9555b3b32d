import type { ContactId, ListId } from '@letterlock/contract'
import type { personRecords } from '@letterlock/db'
import type { MemoryEnvironment } from './environment.ts'

interface Noted extends Omit<personRecords.ConsentEvent, 'at' | 'wording'> {
  readonly contactId: ContactId
  readonly wording?: string | undefined
  readonly now: Date
}

/** Notes what a person agreed to or withdrew; the first word of one moment about one list stays. */
export function noteConsent({ consent }: MemoryEnvironment, { contactId, wording, now, ...noted }: Noted): void {
  const events = consent.get(contactId) ?? []
  consent.set(contactId, events)
  const isThere = events.some(({ at, listId }) => listId === noted.listId && at.getTime() === now.getTime())
  if (!isThere) events.push({ at: now, wording: wording ?? null, ...noted })
}

/** Notes that the owner of an address left a list; the first time stays. */
export function noteOptOut({ optOuts }: MemoryEnvironment, { listId, emailKey, now }: { listId: ListId; emailKey: string; now: Date }): void {
  const name = `${listId} ${emailKey}`
  if (!optOuts.has(name)) optOuts.set(name, now)
}
