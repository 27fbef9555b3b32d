import { decodeCursor } from '../http/cursor.ts'
import { type Failure, invalid } from '../http/failure.ts'

/** Where a page begins: below an id, or at the top without a cursor. */
export function readCursor(cursor: string | undefined): { before?: string } | Failure {
  if (cursor === undefined) return {}
  const before = decodeCursor(cursor)
  return before === null ? invalid([{ path: 'cursor', message: 'expected the nextCursor of a page' }]) : { before }
}
