/** Looks into one file or object, and into what is packed in it. */
import { ArchiveError } from './archives/archive-error.ts'
import { archiveHeadLength, archiveKindOf, openArchive, unopenedKindOf } from './archives/open-archive.ts'
import type { FindHits } from './find-hits.ts'
import { findInBlocks } from './find-in-blocks.ts'
import type { PlacedHit } from './find-in-blocks.ts'
import { peek } from './peek.ts'
import type { Blocks, Note, Piece, Place } from './place.ts'

/** A key and where it is. */
export type Finding = PlacedHit & {
  readonly place: Place
  /** The name of the place has the key, not its content. */
  readonly inName?: true
}

/** What came out so far, and how much was looked into. */
export type ScanState = {
  readonly findings: Finding[]
  readonly notes: Note[]
  /** Unpacked bytes included. */
  bytes: number
}

/** An archive in an archive in an archive in an archive is opened, no deeper. */
const maxDepth = 4
/** Of one file or object, all its archives together: a small file can unpack to any size. */
const maxUnpackedMiB = 1024

export type ScanPieceOptions = { readonly findHits: FindHits; readonly state: ScanState; readonly unpackedMiB?: number }

export async function scanPiece(piece: Piece, { findHits, state, unpackedMiB = maxUnpackedMiB }: ScanPieceOptions): Promise<void> {
  findInName(piece.place)
  const budget = { left: unpackedMiB * 2 ** 20 }
  await scanAtDepth(piece, 0)

  async function scanAtDepth({ place, blocks, closed = false }: Piece, depth: number): Promise<void> {
    try {
      const peeked = await peek(depth === 0 ? counted(blocks) : limited(counted(blocks)), archiveHeadLength)
      const kind = closed ? undefined : archiveKindOf(peeked.head)
      if (kind === undefined) return await scanText({ place, ...peeked })
      if (depth === maxDepth) throw new ArchiveError(`is an archive inside ${maxDepth} others`, { gaveUp: true })
      for await (const member of openArchive(kind, { place, blocks: peeked.blocks })) {
        if (member.place !== place) findInName(member.place)
        await scanAtDepth(member, depth + 1)
      }
    } catch (error) {
      if (budget.left < 0 && depth > 0) throw error // once for all of it
      state.notes.push(noteOf(place, error))
    }
  }

  async function scanText({ place, head, blocks }: { place: Place; head: Buffer; blocks: Blocks }): Promise<void> {
    const unopened = unopenedKindOf(head)
    if (unopened !== undefined) state.notes.push({ place, what: `is packed (${unopened}), which is not opened`, failed: false })
    for (const hit of await findInBlocks(blocks, findHits)) state.findings.push({ ...hit, place })
  }

  function findInName(place: Place): void {
    const name = Buffer.from(place.members.at(-1) ?? place.path).toString('latin1')
    for (const { encoding, format, key } of findHits(name)) state.findings.push({ encoding, format, key, place, line: 1, column: 1, inName: true })
  }

  async function* counted(blocks: Blocks): AsyncGenerator<Buffer> {
    for await (const block of blocks) {
      state.bytes += block.length
      yield block
    }
  }

  async function* limited(blocks: Blocks): AsyncGenerator<Buffer> {
    for await (const block of blocks) {
      budget.left -= block.length
      if (budget.left < 0) throw new ArchiveError(`unpacks to more than ${unpackedMiB} MiB`, { gaveUp: true })
      yield block
    }
  }
}

function noteOf(place: Place, error: unknown): Note {
  if (error instanceof ArchiveError) return { place, what: error.message, failed: error.gaveUp }
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (typeof code !== 'string') throw error
  return { place, what: `cannot be read: ${code}`, failed: true }
}
