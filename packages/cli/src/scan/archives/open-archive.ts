/** Archives are known by how they begin, not by their names: `.jar`, `.docx`, `.whl` and `.tgz` are some too. */
import type { Piece, Place } from '../place.ts'
import type { Member } from './member.ts'
import { tarMembers } from './tar.ts'
import { unpackGzip } from './unpack.ts'
import { zipMembers } from './zip.ts'

/** Bytes that must be known to tell. */
export const archiveHeadLength = 512

export type ArchiveKind = 'gzip' | 'tar' | 'zip'

export function archiveKindOf(head: Buffer): ArchiveKind | undefined {
  if (startsWith(head, [0x1f, 0x8b, 0x08])) return 'gzip'
  if (startsWith(head, [0x50, 0x4b, 0x03, 0x04])) return 'zip'
  return head.toString('latin1', 257, 262) === 'ustar' ? 'tar' : undefined
}

const unopened: readonly (readonly [string, readonly number[]])[] = [
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['7z', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['rar', [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]],
]

/** The name of a packed format that is not opened. */
export function unopenedKindOf(head: Buffer): string | undefined {
  return unopened.find(([, start]) => startsWith(head, start))?.[0]
}

/** The members of an archive, each to be read before the next is asked for. @throws ArchiveError */
export async function* openArchive(kind: ArchiveKind, { place, blocks }: Piece): AsyncGenerator<Piece> {
  if (kind === 'gzip') yield { place, blocks: unpackGzip(blocks) }
  if (kind === 'tar') yield* membersOf(place, tarMembers(blocks))
  if (kind === 'zip') yield* membersOf(place, zipMembers(blocks))
}

async function* membersOf(place: Place, members: AsyncIterable<Member>): AsyncGenerator<Piece> {
  for await (const { name, blocks } of members) {
    if (name === undefined) yield { place, blocks, closed: true }
    else yield { place: { ...place, members: [...place.members, name] }, blocks }
  }
}

function startsWith(head: Buffer, start: readonly number[]): boolean {
  return head.length >= start.length && start.every((byte, index) => head[index] === byte)
}
