/** What the beginning of a key looks like in a file: as it is, in UTF-16, and in base64 at each of its three alignments. */
import { keyModes } from '@letterlock/keys'
import type { KeyFormat } from '@letterlock/keys'

/** How a key stands in a file. */
export type Encoding = 'plain' | 'base64' | 'utf16'

/** One text to look for. Where it is found, a key may begin. */
export type Needle = {
  /** In latin1: one character for each byte. */
  readonly text: string
  readonly encoding: Encoding
  readonly format: KeyFormat
  /** base64 only: the characters before `text` as they are when nothing but zeros come before the key. */
  readonly lead: string
  /** base64 only: bytes of such zeros, 0 to 2. */
  readonly alignment: number
}

/** Fifteen needles for each format. */
export function needlesOf(format: KeyFormat): Needle[] {
  const headers = keyModes.map((mode) => `${format.prefix}_${mode}_`)
  return headers.flatMap((header) => [
    { text: header, encoding: 'plain', format, lead: '', alignment: 0 },
    { text: header.split('').join('\0'), encoding: 'utf16', format, lead: '', alignment: 0 },
    ...[0, 1, 2].map((alignment) => base64Needle(format, header, alignment)),
  ])
}

/** Only characters all of whose six bits are of the header: the others depend on what stands around it. */
function base64Needle(format: KeyFormat, header: string, alignment: number): Needle {
  const encoded = Buffer.from('\0'.repeat(alignment) + header, 'latin1').toString('base64')
  const start = Math.ceil((alignment * 8) / 6)
  const end = Math.floor(((alignment + header.length) * 8) / 6)
  return { text: encoded.slice(start, end), encoding: 'base64', format, lead: encoded.slice(0, start), alignment }
}
