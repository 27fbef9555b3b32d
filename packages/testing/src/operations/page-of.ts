import { type Failure, readCursor, toPage } from '@letterlock/server/product-rooms'

/** The part of a list, newest first, that a query asks for. */
export function pageOf<Row, T>(
  rows: readonly Row[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  map: { readonly idOf: (row: Row) => string; readonly answer: (row: Row) => T },
): { status: 200; body: ReturnType<typeof toPage<Row, T>> } | Failure {
  const position = readCursor(cursor)
  if ('failure' in position) return position
  const { before } = position
  const below = before === undefined ? rows : rows.filter((row) => map.idOf(row) < before)
  return { status: 200, body: toPage(below.slice(0, limit + 1), limit, map) }
}
