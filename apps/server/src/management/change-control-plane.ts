import { auditEvents, type Db, revisions, type Tx } from '@letterlock/db'
import type { AuthorizedContext } from './context.ts'

type AuditEvent = Parameters<typeof auditEvents.appendAuditEvent>[2]

/** One row of the audit log, without what is the same for all rows of a change. */
export type Audit = Pick<AuditEvent, 'action' | 'target' | 'before' | 'after'> & { readonly chain: auditEvents.Chain }

/** What a change did. */
export interface Changed<T> {
  readonly result: T
  readonly changes: Parameters<typeof revisions.raiseRevision>[1]
  /** A row for each thing that changed. */
  readonly audit: Audit | readonly Audit[]
}

/** Nothing had to be changed; the revision stays. */
export interface Unchanged<T> {
  readonly result: T
  readonly changes: null
}

/**
 * Runs a change of the control plane: the change, the new revision and the audit row are one transaction.
 * `work` may end it with `refuse()`, which undoes all. Its row locks come before that of the revision, always.
 */
export function changeControlPlane<T>(
  deps: { readonly db: Db; readonly clock: () => Date },
  ctx: Pick<AuthorizedContext, 'principal' | 'ip' | 'requestId'>,
  work: (tx: Tx, now: Date) => Promise<Changed<T> | Unchanged<T>>,
): Promise<{ result: T; revision: number }> {
  return deps.db.transaction().execute(async (tx) => {
    const now = deps.clock()
    const done = await work(tx, now)
    if (done.changes === null) return { result: done.result, revision: await revisions.currentRevision(tx) }
    const revision = await revisions.raiseRevision(tx, done.changes, now)
    const caller = { actor: ctx.principal.keyId, ip: ctx.ip, requestId: ctx.requestId }
    for (const [chain, events] of Map.groupBy([done.audit].flat(), ({ chain }) => chain)) {
      await auditEvents.appendAuditEvents(tx, chain, events.map(({ chain: _, ...event }) => ({ ...event, ...caller, revision, now })))
    }
    return { result: done.result, revision }
  })
}
