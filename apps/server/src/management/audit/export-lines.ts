import { auditEvents, type Db } from '@letterlock/db'
import { toAuditEvent } from './audit-event-answer.ts'

const rowsAtOnce = 500

/**
 * The rows of a chain after a number, up to its end at the start of the export, as JSON Lines; the last line tells how
 * many they were and the end, so that a file that was cut short is seen. A page is read when the reader has taken the one
 * before: one page of memory, and no connection while he is slow.
 */
export function exportLines(db: Db, chain: auditEvents.Chain, after: number): ReadableStream<Uint8Array> {
  return ReadableStream.from(lines(db, chain, after))
}

async function* lines(db: Db, chain: auditEvents.Chain, after: number): AsyncGenerator<Uint8Array> {
  const head = await auditEvents.findHead(db, chain)
  const end = head?.sequence ?? 0
  let count = 0
  for (let last = after; last < end;) {
    const rows = (await auditEvents.readChain(db, chain, { after: last, limit: rowsAtOnce })).filter(({ sequence }) => sequence <= end)
    if (rows.length === 0) break
    count += rows.length
    last = rows.at(-1)?.sequence ?? end
    yield encoded(rows.map((row) => JSON.stringify(toAuditEvent(row))))
  }
  yield encoded([JSON.stringify({ end: true, count, after, head: head && { sequence: end, hash: head.hash.toString('hex') } })])
}

function encoded(texts: readonly string[]): Uint8Array {
  return Buffer.from(`${texts.join('\n')}\n`)
}
