import type { Blocks } from './place.ts'

/** The first bytes of what is read in blocks, and all of it, to be read once. */
export type Peeked = { readonly head: Buffer; readonly blocks: AsyncIterable<Buffer> }

/** Reads until `length` bytes are there, or all of them. */
export async function peek(blocks: Blocks, length: number): Promise<Peeked> {
  const iterator = Symbol.asyncIterator in blocks ? blocks[Symbol.asyncIterator]() : blocks[Symbol.iterator]()
  let head: Buffer = Buffer.alloc(0)
  let next = await iterator.next()
  while (!next.done) {
    // The block is used up before the next is asked for, unless it has to be joined with it.
    if (head.length === 0 && next.value.length >= length) {
      head = next.value
      break
    }
    head = Buffer.concat([head, next.value])
    if (head.length >= length) break
    next = await iterator.next()
  }
  return { head, blocks: continued(head, iterator) }
}

async function* continued(head: Buffer, iterator: Iterator<Buffer> | AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
  } finally {
    await iterator.return?.()
  }
}
