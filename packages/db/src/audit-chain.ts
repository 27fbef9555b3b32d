/** Whether the audit log is as it was written. */
import { hashOf, noHash } from './audit-hash.ts'
import { type AuditEventRow, type Chain, findHead, readChain } from './audit-rows.ts'
import type { Db } from './connect.ts'

/** A place in a chain, and all that came before it: the hash of a row stands for every row up to it. */
export interface ChainHead {
  readonly sequence: number
  readonly hash: Buffer
}

/**
 * What is wrong with the first row that does not fit: its number was left out (`missing`); it is not what was hashed
 * (`changed`); it does not continue the one before, which or it was exchanged (`unlinked`); it was written by
 * another hand (`inserted`); rows after it are gone at the end (`cut`); it is not the row that was noted as the end, or
 * that is expected (`replaced`).
 */
export type ChainFault = 'missing' | 'changed' | 'unlinked' | 'inserted' | 'cut' | 'replaced'

export type ChainState =
  | { readonly intact: true; readonly events: number; readonly head: ChainHead }
  /** `eventId` is null when there is no row of the number. */
  | { readonly intact: false; readonly fault: ChainFault; readonly brokenAt: number; readonly eventId: string | null }

/**
 * Reads a whole chain, page by page: as much memory as one page takes, and no connection or snapshot for longer than
 * that. Rows that are appended meanwhile are read, too.
 * @param options.expected an earlier end of the chain that the caller kept: the chain must contain it
 */
export async function verifyChain(db: Db, chain: Chain, { expected }: { readonly expected?: ChainHead | undefined } = {}): Promise<ChainState> {
  for (let place = start; ;) {
    const head = await findHead(db, chain) // before the page, which then has its row
    const rows = await readChain(db, chain, { after: place.sequence, limit: rowsAtOnce })
    for (const row of rows) {
      const fault = faultOf(row, place) ?? replacedAt(row, [head, expected])
      if (fault) return { intact: false, ...fault }
      place = { sequence: row.sequence, hash: row.hash, hashBefore: place.hash, eventId: row.id }
    }
    if (rows.length === rowsAtOnce) continue
    const { sequence } = place
    if (sequence < Math.max(head?.sequence ?? 0, expected?.sequence ?? 0)) return { intact: false, fault: 'cut', brokenAt: sequence + 1, eventId: null }
    const end = sequence === (head?.sequence ?? 0) ? head : await findHead(db, chain)
    if ((end?.sequence ?? 0) < sequence) return { intact: false, fault: 'inserted', brokenAt: (end?.sequence ?? 0) + 1, eventId: null }
    if ((end?.sequence ?? 0) === sequence) return { intact: true, events: sequence, head: { sequence, hash: place.hash } }
  }
}

const rowsAtOnce = 500

/** How far a chain was read. */
interface Place extends ChainHead {
  /** Of the row before the last. */
  readonly hashBefore: Buffer | null
  readonly eventId: string | null
}

const start: Place = { sequence: 0, hash: noHash, hashBefore: null, eventId: null }

type Fault = { readonly fault: ChainFault; readonly brokenAt: number; readonly eventId: string | null }

function faultOf(row: AuditEventRow, place: Place): Fault | null {
  const brokenAt = place.sequence + 1
  if (row.sequence !== brokenAt) return { fault: 'missing', brokenAt, eventId: null }
  const { hash, previous_hash: previousHash, ...facts } = row
  const isItself = hashOf(previousHash, facts).equals(hash)
  if (previousHash.equals(place.hash)) return isItself ? null : { fault: 'changed', brokenAt, eventId: row.id }
  const skipsOne = isItself && place.hashBefore !== null && previousHash.equals(place.hashBefore)
  if (skipsOne) return { fault: 'inserted', brokenAt: place.sequence, eventId: place.eventId }
  return { fault: 'unlinked', brokenAt, eventId: row.id }
}

function replacedAt(row: AuditEventRow, ends: readonly (ChainHead | null | undefined)[]): Fault | null {
  const isOther = ends.some((end) => end?.sequence === row.sequence && !end.hash.equals(row.hash))
  return isOther ? { fault: 'replaced', brokenAt: row.sequence, eventId: row.id } : null
}
