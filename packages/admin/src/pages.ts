import type { CallOptions } from './call-options.ts'

/** What every list answers. */
export interface Page<Item> {
  data: Item[]
  hasMore: boolean
  nextCursor: string | null
}

/** A procedure that answers pages. */
export type ListProcedure<Input, Item> = (input: Input, options?: CallOptions) => Promise<Page<Item>>

/** The input of a list without the place to begin at. */
export type ListInput<Input> = Omit<NonNullable<Input>, 'cursor'>

/** All items of a list, page by page, as far as they are asked for. */
export async function* pages<Input, Item>(list: ListProcedure<Input, Item>, input: ListInput<Input>, options?: CallOptions): AsyncGenerator<Item, void, undefined> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Page<Item> = await list({ ...input, ...(cursor !== undefined && { cursor }) } as Input, options) // what Omit took is back
    yield* page.data
    cursor = page.nextCursor
  }
}
