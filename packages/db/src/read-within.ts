import { sql } from 'kysely'
import type { Db, Tx } from './connect.ts'

/**
 * Reads from one snapshot, each statement for so long at most: a search that finds little may otherwise read for
 * minutes, and take a connection from others all the while. `timed out` when one took longer.
 */
export async function readWithin<T>(db: Db, timeoutMs: number, read: (tx: Tx) => Promise<T>): Promise<T | 'timed out'> {
  try {
    return await db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(async (tx) => {
      await sql`set local statement_timeout = ${sql.lit(timeoutMs)}`.execute(tx)
      return read(tx)
    })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === queryCanceled) return 'timed out'
    throw error
  }
}

const queryCanceled = '57014'
