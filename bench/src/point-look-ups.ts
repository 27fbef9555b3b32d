// The floor of every check that reads: one prepared look-up by primary key, and nothing made of it.
import { Pool } from 'pg'

/** Looks rows of `keys` up by id; throws when there is none. */
export function openPointLookUps(
  closers: AsyncDisposableStack, { connectionString, max }: { connectionString: string; max: number },
): (id: string) => Promise<void> {
  const pool = new Pool({ connectionString, max })
  pool.on('error', () => undefined) // at its end the database may be quicker to close a connection
  closers.defer(() => pool.end())
  return async (id) => {
    const { rowCount } = await pool.query({ name: 'point', text: 'select * from keys where id = $1', values: [id] })
    if (rowCount !== 1) throw new Error(`${id} was not found`)
  }
}
