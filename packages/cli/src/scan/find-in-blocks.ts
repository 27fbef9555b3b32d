import type { FindHits, Hit } from './find-hits.ts'
import { longestHit } from './find-hits.ts'
import type { Blocks } from './place.ts'

/** A hit, and where an editor shows it. */
export type PlacedHit = Omit<Hit, 'start' | 'end'> & Position

type Position = {
  /** From 1. */
  readonly line: number
  /** From 1, in characters of UTF-8. */
  readonly column: number
}

/** The keys in blocks that follow each other, also those that begin in one block and end in another. */
export async function findInBlocks(blocks: Blocks, findHits: FindHits): Promise<PlacedHit[]> {
  const found: PlacedHit[] = []
  let position: Position = { line: 1, column: 1 }
  let kept = ''
  // Lines are counted only up to where it matters: most files are one block without a key.
  let uncounted = ''
  for await (const block of blocks) {
    position = advance(position, uncounted)
    const text = kept + block.toString('latin1')
    let counted = 0
    let searched = 0
    for (const { start, end, encoding, format, key } of findHits(text)) {
      position = advance(position, text.slice(counted, start))
      counted = start
      searched = end
      found.push({ encoding, format, key, ...position })
    }
    // What was found whole is not kept, or it would be found again.
    const keptFrom = Math.max(searched, text.length - longestHit)
    uncounted = text.slice(counted, keptFrom)
    kept = text.slice(keptFrom)
  }
  return found
}

/** Looks for line ends alone: most of a file is looked at by the engine's own search. */
function advance({ line, column }: Position, text: string): Position {
  let start = 0
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
    line++
    start = end + 1
  }
  return { line, column: (start > 0 ? 1 : column) + charactersIn(text, start) }
}

function charactersIn(text: string, start: number): number {
  let characters = 0
  for (let index = start; index < text.length; index++) {
    if ((text.charCodeAt(index) & 0xc0) !== 0x80) characters++ // the others follow the first byte of a character
  }
  return characters
}
