import { type Db, listPendingMigrations } from '@letterlock/db'

/** What keeps the server from serving; empty when it is ready. */
export async function notReady(db: Db): Promise<string[]> {
  try {
    const pending = await listPendingMigrations(db)
    return pending.length > 0 ? ['migrations'] : []
  } catch {
    return ['database']
  }
}
