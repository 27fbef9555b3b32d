// Usage recording as the server does it: kept in the process, saved in one batch a second.
import { connect, usage } from '@letterlock/db'
import { UsageBuffer } from '@letterlock/verifier'

export function openUsage(closers: AsyncDisposableStack, connectionString: string): UsageBuffer {
  const db = connect({ connectionString, max: 2, applicationName: 'letterlock-bench' })
  closers.defer(() => db.destroy())
  const buffer = new UsageBuffer({
    newBatchId: () => crypto.randomUUID(),
    async save(batch) {
      await db.transaction().execute((tx) => usage.saveUsageBatch(tx, { ...batch, now: new Date() }))
    },
  })
  const timer = setInterval(() => void buffer.flush().catch((error: unknown) => console.error('usage:', error)), 1_000)
  closers.defer(async () => {
    clearInterval(timer)
    await buffer.flush({ final: true })
  })
  return buffer
}

