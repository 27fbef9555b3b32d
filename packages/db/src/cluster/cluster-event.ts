import type { Exit } from './postmaster.ts'

/** What happens to a cluster, for the log of whoever owns it. */
export type ClusterEvent =
  | { readonly event: 'initialised'; readonly durationMs: number }
  | { readonly event: 'orphan_stopped'; readonly pid: number }
  | { readonly event: 'started'; readonly pid: number; readonly port: number; readonly durationMs: number }
  | ({ readonly event: 'exited'; readonly restartInMs: number } & Exit)
  | { readonly event: 'restart_failed'; readonly message: string; readonly restartInMs: number }
  | { readonly event: 'stopped' }

/** Receives every event of a cluster. */
export type LogClusterEvent = (event: ClusterEvent) => void
