import { line } from '@letterlock/contract'
import { z } from 'zod'
import { decodeCursor, decodeNumberCursor } from '../http/cursor.ts'
import { invalid } from '../http/failure.ts'
import { refuse } from './refuse.ts'

/** Input of every list: `limit` 1 to 100 (default 20) and the opaque `cursor` of the page before. */
export const pageInput = {
  limit: z.number().int().min(1).max(100).default(20),
  cursor: line(500).optional(),
}

/** Output of every list. */
export function pageOutput<T extends z.ZodType>(item: T) {
  return z.strictObject({ data: z.array(item), hasMore: z.boolean(), nextCursor: z.string().nullable() })
}

/** The id before which the page begins; undefined for the first. Refuses a cursor that is none of ours. */
export function beforeOf(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  return decodeCursor(cursor) ?? refuse(notOurs)
}

/** As `beforeOf`, in a list whose rows are numbered: the number behind which the page begins. */
export function numberOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined
  return decodeNumberCursor(cursor) ?? refuse(notOurs)
}

const notOurs = invalid([{ path: 'cursor', message: 'not a cursor of this list' }])
