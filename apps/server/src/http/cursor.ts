/** Cursors of lists: opaque to callers, the id of the last row for us. */

export function encodeCursor(lastId: string): string {
  return Buffer.from(`1.${lastId}`).toString('base64url')
}

/** The id in the cursor; null when the text is no cursor of ours. */
export function decodeCursor(cursor: string): string | null {
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  return /^1\.[a-z]{2,4}_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(text) ? text.slice(2) : null
}

export interface Page<T> {
  data: T[]
  hasMore: boolean
  nextCursor: string | null
}

/** Makes a page of `limit` out of up to `limit + 1` rows that were read. */
export function toPage<Row, T>(rows: readonly Row[], limit: number, map: { idOf: (row: Row) => string; answer: (row: Row) => T }): Page<T> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = rows.length > limit
  return { data: shown.map(map.answer), hasMore, nextCursor: hasMore && last !== undefined ? encodeCursor(map.idOf(last)) : null }
}
