import { gzipSync } from 'node:zlib'
import { letterlockKeys } from '@letterlock/keys'
import { describe, expect, test } from 'vitest'
import { tarArchive } from '../../test/tar-archive.ts'
import { zipArchive } from '../../test/zip-archive.ts'
import { createFindHits } from './find-hits.ts'
import { showPlace } from './place.ts'
import { scanPiece } from './scan-piece.ts'
import type { ScanState } from './scan-piece.ts'

const findHits = createFindHits([letterlockKeys])
const { token } = letterlockKeys.issue({ mode: 'live' })

async function look(content: Buffer, { unpackedMiB = 8, blockLength = 1000 } = {}) {
  const blocks = Array.from({ length: Math.ceil(content.length / blockLength) }, (_, index) => content.subarray(index * blockLength, (index + 1) * blockLength))
  const state: ScanState = { findings: [], notes: [], bytes: 0 }
  await scanPiece({ place: { path: 'f', members: [] }, blocks }, { findHits, state, unpackedMiB })
  return {
    found: state.findings.map(({ place, line }) => `${showPlace(place)}:${line}`),
    notes: state.notes.map(({ place, what, failed }) => `${showPlace(place)} ${what}${failed ? ', failed' : ''}`),
  }
}

const layers = (count: number): Buffer => count === 0 ? Buffer.from(`\n${token}`) : gzipSync(layers(count - 1))

describe('scanPiece()', () => {
  test.each([1, 300, 4000])('opens archives that arrive in blocks of %i bytes', async (blockLength) => {
    const tar = tarArchive({ 'a/b.txt': `\n\n${token}`, 'inner.zip': zipArchive({ 'c.txt': token, 'd.gz': gzipSync(token) }), 'none': 'x' })
    const expected = { found: ['f!a/b.txt:3', 'f!inner.zip!c.txt:1', 'f!inner.zip!d.gz:1'], notes: [] }
    expect(await look(tar, { blockLength })).toEqual(expected)
    expect(await look(gzipSync(tar), { blockLength })).toEqual(expected)
  })

  test('opens four archives around each other, and says that it opens no fifth', async () => {
    expect(await look(layers(4))).toEqual({ found: ['f:2'], notes: [] })
    expect(await look(layers(5))).toEqual({ found: [], notes: ['f is an archive inside 4 others, failed'] })
  })

  test('gives up on what unpacks to more than its share, says so once, and keeps what it found', async () => {
    const zeros = Buffer.alloc(3 * 2 ** 20)
    const bomb = zipArchive({ first: token, second: zeros, third: zeros, fourth: zeros })
    expect(await look(bomb, { unpackedMiB: 4 })).toEqual({ found: ['f!first:1'], notes: ['f unpacks to more than 4 MiB, failed'] })
  })

  test('looks into a damaged archive as far as it can be read', async () => {
    const random = Buffer.from(Array.from({ length: 5000 }, (_, index) => `${index * 7919} `).join(''))
    const gzip = gzipSync(Buffer.concat([Buffer.from(`${token}\n`), random]))
    expect((await look(gzip.subarray(0, gzip.length >> 1))).found).toEqual(['f:1'])
    expect(await look(gzipSync(token).fill(0xff, 15, 40))).toEqual({ found: [], notes: ['f is damaged'] })
    const tar = tarArchive({ a: token, b: random })
    expect(await look(tar.subarray(0, 3000))).toEqual({ found: ['f!a:1'], notes: ['f ends early'] })
    const zip = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(600), Buffer.from(token)])
    expect(await look(zip)).toEqual({ found: ['f:1'], notes: ['f is damaged'] })
    const shifted = Buffer.concat([zipArchive({ x: 'y' }).subarray(0, 20), Buffer.from(token), zipArchive({ z: 'w' })])
    expect(await look(shifted)).toEqual({ found: ['f:1'], notes: ['f is damaged'] })
  })

  test('reads long names and sizes of pax headers and GNU tar', async () => {
    const long = `${'deep/'.repeat(40)}file`
    const record = `${long.length + 10} path=${long}\n`
    const member = (type: string, content: string) => {
      const tar = tarArchive({ short: content }).subarray(0, -1024)
      tar.write(type, 156)
      return tar
    }
    const end = Buffer.alloc(1024)
    expect((await look(Buffer.concat([member('x', record), member('0', token), end]))).found).toEqual([`f!${long}:1`])
    expect((await look(Buffer.concat([member('L', `${long}\0`), member('0', token), member('0', token), end]))).found).toEqual([`f!${long}:1`, 'f!short:1'])
  })

  test('names a packed format that it does not open', async () => {
    expect(await look(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 1, 2, 3]))).toEqual({ found: [], notes: ['f is packed (xz), which is not opened'] })
  })
})
