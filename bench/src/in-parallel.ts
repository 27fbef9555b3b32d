import { setImmediate as turn } from 'node:timers/promises'
import type { Run } from './run.ts'

const perTurn = 100

/**
 * Works through the items with so many at work at once, and times it. Each worker has every n-th item. Where the work
 * is done without waiting, the event loop turns now and then, as in a server between its requests.
 */
export async function inParallel<T>(
  items: readonly T[], { concurrency }: { concurrency: number }, work: (item: T) => Promise<void> | void,
): Promise<Run> {
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: concurrency }, async (_, worker) => {
    for (let index = worker, done = 1; index < items.length; index += concurrency, done++) {
      const working = work(items[index] as T) // index < length
      if (working) await working
      else if (done % perTurn === 0) await turn()
    }
  }))
  return { count: items.length, seconds: (performance.now() - startedAt) / 1_000 }
}
