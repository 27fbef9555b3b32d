import type { Run } from './run.ts'

/** Works through the items with so many at work at once, and times it. */
export async function inParallel<T>(items: readonly T[], { concurrency }: { concurrency: number }, work: (item: T) => unknown): Promise<Run> {
  const rest = items.values()
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: concurrency }, async () => {
    for (const item of rest) await work(item)
  }))
  return { count: items.length, seconds: (performance.now() - startedAt) / 1_000 }
}
