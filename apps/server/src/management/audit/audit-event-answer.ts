import { idSchema, type RequestId, timestamp } from '@letterlock/contract'
import type { auditEvents } from '@letterlock/db'
import { z } from 'zod'

type AuditEventId = z.output<ReturnType<typeof idSchema<'auditEvent'>>>

/** A change: who did what to whom, and where the row stands in its chain. */
export const auditEvent = z.strictObject({
  id: idSchema('auditEvent'),
  /** Null: the chain of the installation. */
  workspaceId: idSchema('workspace').nullable(),
  /** 1 for the first of the chain, without gaps. */
  sequence: z.number().int(),
  at: timestamp,
  /** The id of the key that did it; `system` for the server itself. */
  actor: z.string(),
  /** As the procedure is called. */
  action: z.string(),
  target: z.string(),
  before: z.json(),
  after: z.json(),
  ip: z.string().nullable(),
  requestId: idSchema('request').nullable(),
  revision: z.number().int(),
  /** Hexadecimal, as `previousHash`: that of the row before, zeros for the first. */
  hash: z.string(),
  previousHash: z.string(),
})

/** Whose log is asked for; null: that of the installation itself. */
export const chainInput = { workspaceId: idSchema('workspace').nullable() }

/** The end of a chain; its hash stands for all rows up to it. */
export const chainHead = z.strictObject({
  sequence: z.number().int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits'),
})

export function toAuditEvent(row: auditEvents.AuditEventRow): z.output<typeof auditEvent> {
  return {
    id: row.id as AuditEventId, // as it was written, like those below
    workspaceId: row.workspace_id === '' ? null : (row.workspace_id as z.output<typeof auditEvent>['workspaceId']),
    sequence: row.sequence,
    at: row.at.toISOString(),
    actor: row.actor,
    action: row.action,
    target: row.target,
    before: row.before as z.output<typeof auditEvent>['before'],
    after: row.after as z.output<typeof auditEvent>['after'],
    ip: row.ip,
    requestId: row.request_id as RequestId | null,
    revision: row.revision,
    hash: row.hash.toString('hex'),
    previousHash: row.previous_hash.toString('hex'),
  }
}
