/** Who changed what: one chain of hashes per workspace. Rows are only ever appended. */
import { createHash } from 'node:crypto'
import { newId, type RequestId, type WorkspaceId } from '@letterlock/contract'
import type { Insertable, Selectable } from 'kysely'
import type { Db, Tx } from './connect.ts'
import type { AuditEvents } from './schema.ts'

/** The chain of the installation itself: root keys, and what belongs to no workspace. */
export const installationChain = ''

export type Chain = WorkspaceId | typeof installationChain

type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue | undefined }

/** What happened. Never put a secret or a digest into `before` or `after`. */
export interface NewAuditEvent {
  /** The id of the key or person that did it; `system` for the server itself. */
  actor: string
  /** As the procedure or operation is called, `keys.revoke`. */
  action: string
  /** The id of what was changed. */
  target: string
  before: JsonValue
  after: JsonValue
  ip: string | null
  requestId: RequestId | null
  /** From `raiseRevision` in the same transaction: its lock makes this the only writer of the chain. */
  revision: number
  now: Date
}

export type AuditEventRow = Selectable<AuditEvents>

/** Appends to the chain; call it after `raiseRevision`. */
export async function appendAuditEvent(tx: Tx, chain: Chain, event: NewAuditEvent): Promise<void> {
  const last = await tx
    .selectFrom('audit_events')
    .select(['sequence', 'hash'])
    .where('workspace_id', '=', chain)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  const facts = {
    workspace_id: chain,
    sequence: (last?.sequence ?? 0) + 1,
    id: newId('auditEvent'),
    at: event.now,
    actor: event.actor,
    action: event.action,
    target: event.target,
    before: asStored(event.before),
    after: asStored(event.after),
    ip: event.ip,
    request_id: event.requestId,
    revision: event.revision,
  }
  const previousHash = last?.hash ?? noHash
  const hash = hashOf(previousHash, facts)
  await tx
    .insertInto('audit_events')
    .values({
      ...facts,
      before: toJsonb(facts.before),
      after: toJsonb(facts.after),
      previous_hash: previousHash,
      hash,
    })
    .execute()
}

/** What `verifyChain` found. `head` is the hash of the last row: keep it elsewhere to notice a chain that was cut short. */
export type ChainState =
  | { intact: true; events: number; head: Buffer }
  | { intact: false; brokenAt: number; fault: 'missing' | 'changed' | 'unlinked' }

/**
 * Reads a whole chain and tells the first row that does not fit: a number was left out (`missing`), a row is not what
 * was hashed (`changed`), or does not continue the one before (`unlinked`).
 */
export async function verifyChain(db: Db | Tx, chain: Chain): Promise<ChainState> {
  let events = 0
  let head: Buffer = noHash
  for (;;) {
    const rows = await readChain(db, chain, events)
    for (const row of rows) {
      const fault = faultOf(row, { sequence: events + 1, previousHash: head })
      if (fault) return { intact: false, brokenAt: events + 1, fault }
      events += 1
      head = row.hash
    }
    if (rows.length < rowsAtOnce) return { intact: true, events, head }
  }
}

const rowsAtOnce = 1_000
const noHash = Buffer.alloc(32)

function readChain(db: Db | Tx, chain: Chain, afterSequence: number): Promise<AuditEventRow[]> {
  return db
    .selectFrom('audit_events')
    .selectAll()
    .where('workspace_id', '=', chain)
    .where('sequence', '>', afterSequence)
    .orderBy('sequence')
    .limit(rowsAtOnce)
    .execute()
}

function faultOf(row: AuditEventRow, expected: { sequence: number; previousHash: Buffer }) {
  if (row.sequence !== expected.sequence) return 'missing'
  if (!row.previous_hash.equals(expected.previousHash)) return 'unlinked'
  const { hash, previous_hash, ...facts } = row
  return hashOf(previous_hash, facts).equals(hash) ? null : 'changed'
}

/** SHA-256 over the hash of the row before and the canonical JSON of this row: names sorted, times in ISO 8601. */
function hashOf(previousHash: Buffer, facts: Omit<AuditEventRow, 'hash' | 'previous_hash'>) {
  return createHash('sha256').update(previousHash).update(canonicalJson(facts)).digest()
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (isPlainObject(part) ? sortNames(part) : part))
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sortNames(object: Record<string, unknown>) {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Without the undefined members, as it will come back from the database. */
function asStored(value: JsonValue): Insertable<AuditEvents>['before'] & AuditEventRow['before'] {
  return JSON.parse(JSON.stringify(value)) as AuditEventRow['before'] // JSON by the type of the input
}

function toJsonb(value: AuditEventRow['before']): string | null {
  return value === null ? null : JSON.stringify(value)
}
