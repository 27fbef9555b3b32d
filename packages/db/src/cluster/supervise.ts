import { setTimeout as delay } from 'node:timers/promises'
import type { LogClusterEvent } from './cluster-event.ts'
import type { Exit, Postmaster } from './postmaster.ts'

/** Keeps a PostgreSQL running until it is told to stop. */
export type Supervisor = {
  readonly stop: () => Promise<void>
  readonly onExit: (listener: (exit: Exit) => void) => () => void
}

const shortestBackoffMs = 100
const longestBackoffMs = 10_000
/** Who lived this long was healthy, and the next death starts the back-off anew. */
const healthyAfterMs = 30_000

/** Starts PostgreSQL again, with growing pauses, whenever it ends by itself. */
export function supervise(
  first: Postmaster,
  options: { readonly launch: () => Promise<Postmaster>; readonly log: LogClusterEvent },
): Supervisor {
  const { launch, log } = options
  const listeners = new Set<(exit: Exit) => void>()
  const stopping = new AbortController()
  let current: Postmaster | null = first
  let backoffMs = shortestBackoffMs

  async function watch(): Promise<void> {
    while (current && !stopping.signal.aborted) {
      const bornAt = performance.now()
      const exit = await current.exited
      if (stopping.signal.aborted) return
      current = null
      if (performance.now() - bornAt > healthyAfterMs) backoffMs = shortestBackoffMs
      log({ event: 'exited', ...exit, restartInMs: backoffMs })
      for (const listener of listeners) listener(exit)
      current = await relaunch()
    }
  }

  async function relaunch(): Promise<Postmaster | null> {
    while (await pause()) {
      try {
        return await launch()
      } catch (error) {
        log({ event: 'restart_failed', message: (error as Error).message, restartInMs: backoffMs })
      }
    }
    return null
  }

  async function pause(): Promise<boolean> {
    const pauseMs = backoffMs
    backoffMs = Math.min(backoffMs * 2, longestBackoffMs)
    await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => {})
    return !stopping.signal.aborted
  }

  const watching = watch()
  return {
    onExit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async stop() {
      stopping.abort()
      await current?.stop()
      await watching
      await current?.stop() // a launch that was under way when the stop came
    },
  }
}
