/** tar as in POSIX.1-2017 (pax), with the long names of GNU tar. */
import { createByteReader } from '../byte-reader.ts'
import type { ByteReader } from '../byte-reader.ts'
import type { Blocks } from '../place.ts'
import { ArchiveError } from './archive-error.ts'
import type { Member } from './member.ts'

const blockLength = 512
/** More than the name of any file. */
const maxNameLength = 64 * 1024

/** The members of a tar archive; what is not read of one is skipped. @throws ArchiveError */
export async function* tarMembers(blocks: Blocks): AsyncGenerator<Member> {
  const reader = createByteReader(blocks)
  let extended: Extension = {}
  for (;;) {
    const header = await reader.read(blockLength)
    if (header.length < blockLength || header[0] === 0) return
    const size = extended.size ?? sizeOf(header)
    const end = reader.position() + Math.ceil(size / blockLength) * blockLength
    const type = String.fromCharCode(header[typeAt] ?? 0)
    if (type === 'x' || type === 'L') extended = { ...extended, ...(await readExtension(reader, type, size)) }
    else {
      yield { name: extended.name ?? nameOf(header), blocks: reader.blocks(size) }
      extended = {}
    }
    for await (const _ of reader.blocks(end - reader.position())) continue
    if (reader.position() < end) throw new ArchiveError('ends early')
  }
}

/** What a header says of the next member in place of its own. */
type Extension = { readonly name?: string; readonly size?: number }

const typeAt = 156

async function readExtension(reader: ByteReader, type: 'x' | 'L', size: number): Promise<Extension> {
  if (size > maxNameLength) throw new ArchiveError('is damaged')
  const text = (await reader.read(size)).toString('utf8')
  if (type === 'L') return { name: text.replace(/\0.*$/s, '') }
  const name = /^\d+ path=(.*)$/m.exec(text)?.[1]
  const length = /^\d+ size=(\d{1,15})$/m.exec(text)?.[1]
  return { ...(name !== undefined && { name }), ...(length !== undefined && { size: Number(length) }) }
}

function nameOf(header: Buffer): string {
  const [name, prefix] = [textAt(header, 0, 100), textAt(header, 345, 155)]
  return prefix === '' ? name : `${prefix}/${name}`
}

/** Octal digits, or from 8 GiB on a number in base 256 (GNU). */
function sizeOf(header: Buffer): number {
  const field = header.subarray(124, 136)
  if (((field[0] ?? 0) & 0x80) !== 0) return field.readUIntBE(6, 6)
  const digits = field.toString('latin1').replace(/[\0 ]+$/, '').trimStart()
  if (!/^[0-7]*$/.test(digits)) throw new ArchiveError('is damaged')
  return digits === '' ? 0 : parseInt(digits, 8)
}

function textAt(header: Buffer, start: number, length: number): string {
  return header.toString('utf8', start, start + length).replace(/\0.*$/s, '')
}
