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

type Work<T> = (tx: Tx, now: Date) => Promise<Changed<T> | Unchanged<T>>

interface ChangeDeps {
  readonly db: Db
  readonly clock: () => Date
}

/**
 * Runs a change of the control plane: the change, the new revision and the audit row are one transaction.
 * `work` may end it with `refuse()`, which undoes all. Its row locks come before that of the revision, always.
 */
export function changeControlPlane<T>(
  deps: ChangeDeps, { principal, ip, requestId }: Pick<AuthorizedContext, 'principal' | 'ip' | 'requestId'>, work: Work<T>,
): Promise<{ result: T; revision: number }> {
  return change(deps, { actor: principal.keyId, ip, requestId }, work)
}

/** As `changeControlPlane`, by the server itself: a job that does what a policy or a clock asks for. */
export function changeBySystem<T>(deps: ChangeDeps, work: Work<T>): Promise<{ result: T; revision: number }> {
  return change(deps, { actor: 'system', ip: null, requestId: null }, work)
}

/** As `changeControlPlane`, by whoever holds a link or a token: `actor` is the id of what that stands for. */
export function changeByHolder<T>(
  deps: ChangeDeps, holder: Pick<AuditEvent, 'actor' | 'ip' | 'requestId'>, work: Work<T>,
): Promise<{ result: T; revision: number }> {
  return change(deps, holder, work)
}

function change<T>(
  { db, clock }: ChangeDeps, caller: Pick<AuditEvent, 'actor' | 'ip' | 'requestId'>, work: Work<T>,
): Promise<{ result: T; revision: number }> {
  return db.transaction().execute(async (tx) => {
    const now = clock()
    const done = await work(tx, now)
    if (done.changes === null) return { result: done.result, revision: await revisions.currentRevision(tx) }
    const revision = await revisions.raiseRevision(tx, done.changes, now)
    for (const [chain, events] of Map.groupBy([done.audit].flat(), ({ chain }) => chain)) {
      await auditEvents.appendAuditEvents(tx, chain, events.map(({ chain: _, ...event }) => ({ ...event, ...caller, revision, now })))
    }
    return { result: done.result, revision }
  })
}
