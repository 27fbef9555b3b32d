/** DEFLATE (RFC 1951) and gzip (RFC 1952), unpacked as they are read. */
import { pipeline, Readable } from 'node:stream'
import type { Transform } from 'node:stream'
import { constants, createGunzip, createInflateRaw } from 'node:zlib'
import type { Blocks } from '../place.ts'
import { ArchiveError } from './archive-error.ts'

/** Of packed bytes that end too early everything is given that can be unpacked. */
const options = { chunkSize: 64 * 1024, finishFlush: constants.Z_SYNC_FLUSH }

/** @throws ArchiveError at the place where the packed bytes are damaged */
export function unpackGzip(blocks: Blocks): AsyncGenerator<Buffer> {
  return unpack(blocks, createGunzip(options))
}

/** What comes after the end of the packed bytes is ignored. @throws ArchiveError */
export function inflateRaw(blocks: Blocks): AsyncGenerator<Buffer> {
  return unpack(blocks, createInflateRaw(options))
}

async function* unpack(blocks: Blocks, unpacker: Transform): AsyncGenerator<Buffer> {
  // The error arrives where the output is read.
  pipeline(Readable.from(copies(blocks), { objectMode: false }), unpacker, () => undefined)
  try {
    for await (const block of unpacker) yield block as Buffer // zlib gives nothing else
  } catch (error) {
    if (isZlibError(error)) throw new ArchiveError('is damaged')
    throw error
  }
}

/** The unpacker may hold on to what it was given. */
async function* copies(blocks: Blocks): AsyncGenerator<Buffer> {
  for await (const block of blocks) yield Buffer.from(block)
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}
