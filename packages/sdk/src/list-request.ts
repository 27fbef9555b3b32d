import type { ApiPromise, WithResponse } from './api-promise.ts'

/** One page of a list. */
export interface Page<T> {
  data: T[]
  /** Whether there are further pages. */
  hasMore: boolean
  /** Give it as `cursor` to get the next page; null on the last. */
  nextCursor: string | null
}

/**
 * A list. `await` it for its first page, `for await` it for all items of all pages; nothing is asked for before.
 */
export interface ListRequest<T> extends PromiseLike<Page<T>>, AsyncIterable<T> {
  /** The first `limit` items, over as many pages as that takes. */
  toArray(options: { limit: number }): Promise<T[]>
  /** The first page together with status, request id, limits and headers. */
  withResponse(): Promise<WithResponse<Page<T>>>
}

/** Makes a list of a function that gets the page after a cursor. */
export function listRequest<T>(getPage: (cursor: string | undefined) => ApiPromise<Page<T>>): ListRequest<T> {
  let first: ApiPromise<Page<T>> | undefined
  async function* items() {
    let cursor: string | undefined
    do {
      const page = await getPage(cursor)
      yield* page.data
      cursor = page.hasMore && page.nextCursor !== cursor ? (page.nextCursor ?? undefined) : undefined
    } while (cursor !== undefined)
  }
  return {
    // oxlint-disable-next-line unicorn/no-thenable -- `await` gets the first page
    then: (onPage, onError) => (first ??= getPage(undefined)).then(onPage, onError),
    [Symbol.asyncIterator]: items,
    withResponse: () => (first ??= getPage(undefined)).withResponse(),
    async toArray({ limit }) {
      const all: T[] = []
      if (limit <= 0) return all
      for await (const item of items()) if (all.push(item) >= limit) break
      return all
    },
  }
}
