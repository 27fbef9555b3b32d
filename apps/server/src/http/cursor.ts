/** Cursors of lists: opaque to callers; for us the last row of a page, by its id, its time and id, or its number. */

export function encodeCursor(lastId: string): string {
  return Buffer.from(`1.${lastId}`).toString('base64url')
}

/** The id in the cursor; null when the text is no cursor of ours. */
export function decodeCursor(cursor: string): string | null {
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  return /^1\.[a-z]{2,4}_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(text) ? text.slice(2) : null
}

/** Where a row is among rows ordered by time: the id tells those of one millisecond apart. */
export interface TimePosition {
  readonly at: Date
  readonly id: string
}

export function encodeTimeCursor({ at, id }: TimePosition): string {
  return Buffer.from(`2.${at.getTime()}.${id}`).toString('base64url')
}

/** The position in the cursor; null when the text is no such cursor of ours. */
export function decodeTimeCursor(cursor: string): TimePosition | null {
  const match = /^2\.(\d{1,14})\.([a-z]{2,4}_[0-7][0-9a-hjkmnp-tv-z]{25})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))
  return match ? { at: new Date(Number(match[1])), id: match[2] ?? '' } : null
}

export function encodeNumberCursor(last: number): string {
  return Buffer.from(`3.${last}`).toString('base64url')
}

/** The number in the cursor; null when the text is no such cursor of ours. */
export function decodeNumberCursor(cursor: string): number | null {
  const match = /^3\.(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))
  return match ? Number(match[1]) : null
}

export interface Page<T> {
  data: T[]
  hasMore: boolean
  nextCursor: string | null
}

/** How the cursor of a row is made: of its id alone, or otherwise. */
type CursorOf<Row> = { readonly idOf: (row: Row) => string } | { readonly cursorOf: (row: Row) => string }

/** Makes a page of `limit` out of up to `limit + 1` rows that were read. */
export function toPage<Row, T>(rows: readonly Row[], limit: number, map: CursorOf<Row> & { readonly answer: (row: Row) => T }): Page<T> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = rows.length > limit
  const cursorOf = 'idOf' in map ? (row: Row) => encodeCursor(map.idOf(row)) : map.cursorOf
  return { data: shown.map(map.answer), hasMore, nextCursor: hasMore && last !== undefined ? cursorOf(last) : null }
}
