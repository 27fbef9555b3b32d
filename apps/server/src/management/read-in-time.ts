import { type Db, readWithin, type Tx } from '@letterlock/db'
import { failure } from '../http/failure.ts'
import { refuse } from './refuse.ts'

/** How long one statement of a search may take. */
const searchMs = 3_000

/** Reads from one snapshot; a search that takes too long is refused, with what to do about it. */
export async function readInTime<T>(db: Db, read: (tx: Tx) => Promise<T>): Promise<T> {
  const found = await readWithin(db, searchMs, read)
  return found === 'timed out' ? refuse(tooSlow) : (found as T) // a read that answers this very text is none
}

const tooSlow = failure('invalid_request', `The search took longer than ${searchMs / 1_000} seconds. Narrow the time: a later \`from\`, an earlier \`to\`.`, {
  issues: [{ path: 'from', message: 'too long a time for this search' }],
})
