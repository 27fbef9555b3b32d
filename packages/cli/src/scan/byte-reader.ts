import type { Blocks } from './place.ts'

/** Takes what is read in blocks apart: so many bytes, a line, or a stretch in blocks again. */
export type ByteReader = {
  /** So many bytes, copied; fewer at the end. */
  readonly read: (length: number) => Promise<Buffer>
  /** The text (UTF-8) before the next such byte, or before the end; undefined at the end. */
  readonly readTo: (separator: number) => Promise<string | undefined>
  /** The next `length` bytes in blocks; fewer at the end. What is not read of them is not skipped. */
  readonly blocks: (length: number) => AsyncGenerator<Buffer>
  /** Bytes read so far. */
  readonly position: () => number
}

export function createByteReader(source: Blocks): ByteReader {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
  let block: Buffer = Buffer.alloc(0)
  let position = 0

  /** At most `length` bytes of the current block; none at the end. */
  async function take(length: number): Promise<Buffer> {
    while (block.length === 0) {
      const next = await iterator.next()
      if (next.done) return block
      block = next.value
    }
    const taken = block.subarray(0, length)
    block = block.subarray(taken.length)
    position += taken.length
    return taken
  }

  async function* blocks(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0; ) {
      const taken = await take(left)
      if (taken.length === 0) return
      left -= taken.length
      yield taken
    }
  }

  async function read(length: number): Promise<Buffer> {
    const copies: Buffer[] = []
    for await (const taken of blocks(length)) copies.push(Buffer.from(taken))
    return Buffer.concat(copies)
  }

  async function readTo(separator: number): Promise<string | undefined> {
    const copies: Buffer[] = []
    for (;;) {
      const taken = await take(1)
      if (taken.length === 0) return copies.length === 0 ? undefined : Buffer.concat(copies).toString()
      if (taken[0] === separator) return Buffer.concat(copies).toString()
      const length = block.indexOf(separator)
      copies.push(Buffer.from(taken), Buffer.from(await take(length === -1 ? block.length : length)))
    }
  }

  return { read, readTo, blocks, position: () => position }
}
