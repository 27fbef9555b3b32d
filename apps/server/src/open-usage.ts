import { newId, type NodeId } from '@letterlock/contract'
import { type Db, nodes, usage } from '@letterlock/db'
import { type Attempt, type Use, UsageRecorder } from './jobs/usage-recorder.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'

/** Where all doors of this process tell what they were asked. Neither waits nor throws. */
export interface OpenUsage {
  /** Counts a request that an API key was to serve, and records it. */
  readonly recordUse: (use: Use) => void
  /** Records a request that proved no root key. */
  readonly recordAttempt: (attempt: Attempt) => void
}

/** What the recorder stands on. */
export interface UsageNeeds {
  readonly jobsDb: Db
  readonly clock: () => Date
  readonly log: Log
  readonly metrics: Metrics
  /** Who says how far its usage is saved. */
  readonly nodeId: NodeId
}

/** Opens the one recorder of this process. It stops when the listeners have drained, and saves what they recorded last. */
export function openUsage(
  { jobsDb, clock, log, metrics, nodeId }: UsageNeeds,
  closers: AsyncDisposableStack,
): OpenUsage {
  const recorder = new UsageRecorder({
    save: async (batch) => {
      await jobsDb.transaction().execute((tx) => usage.saveUsageBatch(tx, { ...batch, now: clock() }))
    },
    newBatchId: () => newId('request'),
    saved: { clock, note: (through) => nodes.noteUsageSaved(jobsDb, nodeId, through) },
    onError: (error) => log.warn({ err: error }, 'usage could not be saved; it is kept and tried again'),
  })
  metrics.observeUsage(() => recorder.state())
  recorder.start(1_000)
  closers.defer(() => recorder.stop())
  return { recordUse, recordAttempt: (attempt) => recorder.recordAttempt(attempt) }

  function recordUse(use: Use): void {
    metrics.requests.inc({ operation: use.operationId, outcome: use.outcome })
    metrics.requestSeconds.observe({ operation: use.operationId }, use.durationMs / 1_000)
    recorder.record(use)
  }
}
