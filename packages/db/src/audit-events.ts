/** Who changed what: one chain of hashes per workspace. Rows are only ever appended. */
import { newId, type RequestId } from '@letterlock/contract'
import type { KeyToken } from '@letterlock/keys'
import type { Insertable } from 'kysely'
import { hashOf, noHash } from './audit-hash.ts'
import { type AuditEventRow, type Chain, findHead } from './audit-rows.ts'
import type { Tx } from './connect.ts'
import type { AuditEvents } from './schema.ts'

export { type ChainFault, type ChainHead, type ChainState, verifyChain } from './audit-chain.ts'
export { type AuditEventRow, type AuditSearch, type Chain, findHead, installationChain, listAuditEvents, readChain } from './audit-rows.ts'

/** Text that is no key: the brand of a token is refused, so that a secret cannot be written down by accident. */
type PublicText = string & { readonly [Brand in Exclude<keyof KeyToken, keyof string>]?: 'KeyId' | 'RedactedKey' }

/** What can be public: no key, and no digest, which is bytes. */
export type JsonValue = PublicText | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue | undefined }

/** What happened; `before` and `after` as the answers of the API say it. */
export interface NewAuditEvent {
  /** The id of the key or person that did it, or of the share whose link was opened; `system` for the server itself. */
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

/** Appends to the chain; call it after `raiseRevision`. */
export function appendAuditEvent(tx: Tx, chain: Chain, event: NewAuditEvent): Promise<void> {
  return appendAuditEvents(tx, chain, [event])
}

/** As `appendAuditEvent`, in the order of the list, in one statement for each 1 000. */
export async function appendAuditEvents(tx: Tx, chain: Chain, events: readonly NewAuditEvent[]): Promise<void> {
  if (events.length === 0) return
  let { sequence, hash } = await findEnd(tx, chain)
  const rows = events.map((event) => {
    const facts = factsOf(chain, event, ++sequence)
    const previousHash = hash
    hash = hashOf(previousHash, facts)
    return { ...facts, before: toJsonb(facts.before), after: toJsonb(facts.after), previous_hash: previousHash, hash }
  })
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    await tx.insertInto('audit_events').values(rows.slice(at, at + rowsAtOnce)).execute()
  }
  await tx
    .insertInto('audit_heads')
    .values({ workspace_id: chain, sequence, hash })
    .onConflict((conflict) => conflict.column('workspace_id').doUpdateSet({ sequence, hash }))
    .execute()
}

const rowsAtOnce = 1_000

function factsOf(chain: Chain, event: NewAuditEvent, sequence: number) {
  return {
    workspace_id: chain,
    sequence,
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
}

/**
 * Where the chain goes on: after its head, whatever became of the row, so that a cut stays to be seen; past rows that
 * another hand has appended, and not linked to them.
 */
async function findEnd(tx: Tx, chain: Chain): Promise<{ sequence: number; hash: Buffer }> {
  const head = await findHead(tx, chain)
  const last = await tx
    .selectFrom('audit_events')
    .select(({ fn }) => fn.max('sequence').as('sequence'))
    .where('workspace_id', '=', chain)
    .executeTakeFirst()
  return { sequence: Math.max(head?.sequence ?? 0, last?.sequence ?? 0), hash: head?.hash ?? noHash }
}

/** Without the undefined members, as it will come back from the database. */
function asStored(value: JsonValue): Insertable<AuditEvents>['before'] & AuditEventRow['before'] {
  return JSON.parse(JSON.stringify(value)) as AuditEventRow['before'] // JSON by the type of the input
}

function toJsonb(value: AuditEventRow['before']): string | null {
  return value === null ? null : JSON.stringify(value)
}
