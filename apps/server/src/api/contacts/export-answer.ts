import type { AnswerOf } from '@letterlock/contract'
import type { personRecords } from '@letterlock/db'
import { contactAnswer } from './contact-answer.ts'

type Export = AnswerOf<'contacts.export'>['body']

/** The most rows of one kind in a record, the newest of them. */
export const mostRecordRows = 10_000

/** What is stored about one person, as he gets it. */
export function exportAnswer(record: personRecords.PersonRecord, now: Date): Export {
  const { contact, suppression, optOuts, consent, campaignMessages, emails } = record
  return {
    exportedAt: now.toISOString(),
    contact: contactAnswer(contact),
    ...(suppression && { suppression: wire(suppression) }),
    optOuts: optOuts.map(wire),
    consent: consent.map(wire),
    campaignMessages: campaignMessages.map(({ state, ...row }) => wire({ ...row, state: sending(state) })) as Export['campaignMessages'], // ids and states are stored as issued
    emails: emails.map(({ state, ...row }) => wire({ ...row, status: sending(state) })) as Export['emails'],
    isComplete: [optOuts, consent, campaignMessages, emails].every((rows) => rows.length < mostRecordRows),
  }
}

type Wire<Row> = { [K in keyof Row as null extends Row[K] ? never : K]: OnWire<Row[K]> }
  & { [K in keyof Row as null extends Row[K] ? K : never]?: OnWire<NonNullable<Row[K]>> }
type OnWire<T> = T extends Date ? string : T

/** The row with times as text and without what is null. */
function wire<Row extends object>(row: Row): Wire<Row> {
  const fields = Object.entries(row).filter(([, value]) => value !== null)
  return Object.fromEntries(fields.map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value])) as Wire<Row> // as the type says
}

/** Callers see what a lease is about as one state. */
function sending(state: string): string {
  return state === 'claimed' || state === 'attempting' ? 'sending' : state
}
