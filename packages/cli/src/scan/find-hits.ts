/** Finds keys in the bytes of a file, in one pass, whatever stands around them. */
import type { FoundKey, KeyFormat } from '@letterlock/keys'
import { needlesOf } from './needles.ts'
import type { Encoding, Needle } from './needles.ts'

/** A key with a right checksum, at `start` (inclusive) to `end` (exclusive) of a text. */
export type Hit = {
  readonly start: number
  readonly end: number
  readonly encoding: Encoding
  readonly format: KeyFormat
  readonly key: Omit<FoundKey, 'start' | 'end'>
}

/** The hits in a text in which each character is one byte (latin1), in order, never overlapping; linear time. */
export type FindHits = (text: string) => Hit[]

/** Longest stretch that one hit can take: base64 of a key of the longest prefix, broken into lines and indented. */
export const longestHit = 512

/** @param formats Keys to look for: one format for each prefix. */
export function createFindHits(formats: readonly KeyFormat[]): FindHits {
  const needles = new Map(formats.flatMap(needlesOf).map((needle) => [needle.text, needle]))
  const source = [...needles.keys()].map(escapeForRegExp).join('|')
  return (text) => {
    const hits: Hit[] = []
    const beginnings = new RegExp(source, 'g')
    for (let match = beginnings.exec(text); match !== null; match = beginnings.exec(text)) {
      const needle = needles.get(match[0]) as Needle // the expression consists of them
      const hit = readers[needle.encoding](text, match.index, needle)
      if (hit !== undefined) hits.push(hit)
      beginnings.lastIndex = hit?.end ?? match.index + 1
    }
    return hits
  }
}

type Reader = (text: string, start: number, needle: Needle) => Hit | undefined

const readers: Record<Encoding, Reader> = {
  plain: (text, start, { format }) => {
    const end = start + format.tokenLength
    return hitOf(text.slice(start, end), { start, end, encoding: 'plain', format })
  },
  // Little- and big-endian differ in what stands before the first character and after the last.
  utf16: (text, start, { format }) => {
    const end = start + 2 * format.tokenLength - 1
    const units = text.slice(start, end)
    const characters = units.replaceAll('\0', '')
    if (units.length !== 2 * format.tokenLength - 1) return undefined
    return hitOf(characters, { start, end, encoding: 'utf16', format })
  },
  base64: (text, start, { format, lead, alignment }) => {
    const length = Math.ceil(((alignment + format.tokenLength) * 8) / 6) - lead.length
    const { encoded, end } = takeBase64(text, start, length)
    if (end - start > longestHit) return undefined
    const bytes = Buffer.from(lead + encoded, 'base64').toString('latin1', alignment, alignment + format.tokenLength)
    return hitOf(bytes, { start, end, encoding: 'base64', format })
  },
}

/** Nothing is asked of what is no key: texts like `call_live_` are common. */
function hitOf(token: string, place: Omit<Hit, 'key'>): Hit | undefined {
  const key = place.format.findKeys(token)[0]
  return key?.start === 0 ? { ...place, key } : undefined
}

const base64Character = /[A-Za-z0-9+/_-]/
/** Line breaks and indentation, the `\n` of a text in JSON, and what joins the strings of a program. */
const lineBreak = /(?:\s|\\[rn]|["'],?\s{0,80}\+?\s{0,80}["']){1,100}/y

/** So many base64 characters from `start`, over line breaks; fewer where something else comes. */
function takeBase64(text: string, start: number, length: number): { encoded: string; end: number } {
  let encoded = ''
  let end = start
  while (end - start < longestHit) {
    const run = takeRun(text, end, length - encoded.length)
    encoded += run
    end += run.length
    if (encoded.length === length) break
    lineBreak.lastIndex = end
    const gap = lineBreak.exec(text)
    if (gap === null) break
    end += gap[0].length
  }
  return { encoded, end }
}

function takeRun(text: string, start: number, limit: number): string {
  let end = start
  while (end - start < limit && base64Character.test(text.charAt(end))) end++
  return text.slice(start, end)
}

function escapeForRegExp(text: string): string {
  return text.replace(/[^\w]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
