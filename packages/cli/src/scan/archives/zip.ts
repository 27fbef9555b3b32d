/** ZIP as in APPNOTE 6.3.10, read by its central directory (section 4.3.12), ZIP64 included. */
import type { Blocks } from '../place.ts'
import { ArchiveError } from './archive-error.ts'
import type { Member } from './member.ts'
import { inflateRaw } from './unpack.ts'

/** Bytes of an archive that are held at once, packed as they are. */
const maxPackedBytes = 512 * 1024 * 1024

/** The members of an archive; when its directory cannot be read, the archive as it is. @throws ArchiveError */
export async function* zipMembers(blocks: Blocks): AsyncGenerator<Member> {
  const archive = await readWhole(blocks)
  const directory = readDirectory(archive)
  for (const entry of directory ?? []) yield { name: entry.name, blocks: contentOf(archive, entry) }
  if (directory !== undefined) return
  yield { name: undefined, blocks: [archive] }
  throw new ArchiveError('is damaged')
}

type Entry = {
  readonly name: string
  readonly encrypted: boolean
  readonly method: number
  readonly packedLength: number
  readonly offset: number
}

async function readWhole(blocks: Blocks): Promise<Buffer> {
  const copies: Buffer[] = []
  let length = 0
  for await (const block of blocks) {
    length += block.length
    if (length > maxPackedBytes) throw new ArchiveError('has more than 512 MiB', { gaveUp: true })
    copies.push(Buffer.from(block))
  }
  return Buffer.concat(copies)
}

function readDirectory(archive: Buffer): Entry[] | undefined {
  try {
    const entries: Entry[] = []
    const end = endOf(archive)
    for (let at = startOfDirectory(archive, end); archive.readUInt32LE(at) === 0x02014b50; ) {
      const nameLength = archive.readUInt16LE(at + 28)
      const extraLength = archive.readUInt16LE(at + 30)
      const next = at + 46 + nameLength + extraLength + archive.readUInt16LE(at + 32)
      const extra = archive.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength)
      entries.push({
        name: archive.toString('utf8', at + 46, at + 46 + nameLength),
        encrypted: (archive.readUInt16LE(at + 8) & 1) === 1,
        method: archive.readUInt16LE(at + 10),
        ...largeNumbers(extra, [archive.readUInt32LE(at + 24), archive.readUInt32LE(at + 20), archive.readUInt32LE(at + 42)]),
      })
      at = next
    }
    // A directory that lists something else than the end record says must not look like an empty archive.
    const count = archive.readUInt16LE(end + 10)
    return entries.length === count || (count === 0xffff && entries.length > count) ? entries : undefined
  } catch (error) {
    if (error instanceof RangeError) return undefined // an offset that leads out of the archive
    throw error
  }
}

async function* contentOf(archive: Buffer, { encrypted, method, packedLength, offset }: Entry): AsyncGenerator<Buffer> {
  if (encrypted) throw new ArchiveError('is encrypted')
  if (method !== 0 && method !== 8) throw new ArchiveError(`is packed by method ${method}, which is not opened`)
  if (offset + 30 > archive.length) throw new ArchiveError('is damaged')
  const start = offset + 30 + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28)
  const packed = archive.subarray(start, start + packedLength)
  if (method === 0) yield packed
  else yield* inflateRaw([packed])
}

/** The end record is the last that there is; a comment of at most 65 535 bytes may follow it. */
function endOf(archive: Buffer): number {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end === -1 || end < archive.length - 22 - 0xffff) throw new RangeError('no end record')
  return end
}

function startOfDirectory(archive: Buffer, end: number): number {
  const start = archive.readUInt32LE(end + 16)
  if (start !== large) return start
  const locator = end - 20
  if (archive.readUInt32LE(locator) !== 0x07064b50) throw new RangeError('no ZIP64 locator')
  return Number(archive.readBigUInt64LE(Number(archive.readBigUInt64LE(locator + 8)) + 48))
}

/** Stands where a number has no room and is in the extra field 0x0001. */
const large = 0xffffffff

function largeNumbers(extra: Buffer, numbers: readonly [number, number, number]): Pick<Entry, 'packedLength' | 'offset'> {
  let at = 0
  while (at + 4 <= extra.length && extra.readUInt16LE(at) !== 1) at += 4 + extra.readUInt16LE(at + 2)
  at += 4
  const [, packedLength, offset] = numbers.map((number) => {
    if (number !== large) return number
    at += 8
    return Number(extra.readBigUInt64LE(at - 8))
  }) as [number, number, number] // one for each
  return { packedLength, offset }
}
