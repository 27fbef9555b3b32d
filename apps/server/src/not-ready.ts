import { type Db, listPendingMigrations } from '@letterlock/db'
import type { Verifier } from '@letterlock/verifier'

/** What keeps the server from serving; empty when it is ready. */
export async function notReady(db: Db, verifier: Pick<Verifier, 'state'>): Promise<string[]> {
  const stale = verifier.state().isFresh ? [] : ['freshness']
  try {
    const pending = await listPendingMigrations(db)
    return [...stale, ...(pending.length > 0 ? ['migrations'] : [])]
  } catch {
    return [...stale, 'database']
  }
}
