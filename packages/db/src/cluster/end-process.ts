import { setTimeout as delay } from 'node:timers/promises'

/** Fast, then without a checkpoint, then at once; each is safe for committed data. */
const steps = [
  { signal: 'SIGINT', patienceMs: 30_000 },
  { signal: 'SIGQUIT', patienceMs: 5_000 },
  { signal: 'SIGKILL', patienceMs: 5_000 },
] as const

/** Stops a PostgreSQL postmaster, first politely, and returns when it is gone. */
export async function endProcess(pid: number, hasEnded: () => boolean): Promise<void> {
  for (const { signal, patienceMs } of steps) {
    if (hasEnded()) return
    try {
      process.kill(pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return
      throw error
    }
    if (await waitUntil(hasEnded, patienceMs)) return
  }
}

/** Asks again and again until the condition holds; false when it did not in time. */
export async function waitUntil(condition: () => boolean, patienceMs: number): Promise<boolean> {
  const start = performance.now()
  while (!condition()) {
    if (performance.now() - start > patienceMs) return false
    await delay(15)
  }
  return true
}
