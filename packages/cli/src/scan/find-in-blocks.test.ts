import { letterlockKeys } from '@letterlock/keys'
import { describe, expect, test } from 'vitest'
import { createFindHits } from './find-hits.ts'
import { findInBlocks } from './find-in-blocks.ts'

const findHits = createFindHits([letterlockKeys])
const { token } = letterlockKeys.issue({ mode: 'live' })

async function find(...blocks: (Buffer | string)[]) {
  const found = await findInBlocks(blocks.map((block) => Buffer.from(block as string)), findHits)
  return found.map(({ key, line, column, encoding }) => ({ right: key.token === token, line, column, encoding }))
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

const spellings: [string, string | Buffer, { line: number; column: number; encoding: string }][] = [
  ['as it is', `ä\nöö ${token};`, { line: 2, column: 4, encoding: 'plain' }],
  ['behind its own beginning', `ll_live_ll_live_${token}`, { line: 1, column: 17, encoding: 'plain' }],
  ['in base64', `\n\n${base64(token)}`, { line: 3, column: 1, encoding: 'base64' }],
  ['in base64 after one byte', base64(`x${token}`), { line: 1, column: 3, encoding: 'base64' }],
  ['in base64 after two bytes', base64(`xy${token}yz`), { line: 1, column: 4, encoding: 'base64' }],
  ['in base64url', Buffer.from(`??>${token}??>`).toString('base64url'), { line: 1, column: 5, encoding: 'base64' }],
  ['in base64 of 64 columns with CRLF', base64(`user:${token}:${token.slice(9)}`).replace(/.{64}/g, '$&\r\n'), { line: 1, column: 8, encoding: 'base64' }],
  ['in base64 in indented lines', base64(token).replace(/.{16}/g, '        $&\n'), { line: 1, column: 9, encoding: 'base64' }],
  ['in base64 with \\n in JSON', JSON.stringify(base64(token).replace(/.{76}/g, '$&\n')), { line: 1, column: 2, encoding: 'base64' }],
  ['in base64 in joined strings', base64(token).replace(/.{30}/g, '$&" +\n    "'), { line: 1, column: 1, encoding: 'base64' }],
  ['in UTF-16LE', Buffer.from(`\ufeff\n${token}\n`, 'utf16le'), { line: 2, column: 2, encoding: 'utf16' }],
  ['in UTF-16BE', Buffer.from(`${token}`, 'utf16le').swap16(), { line: 1, column: 2, encoding: 'utf16' }],
]

describe('findInBlocks()', () => {
  test.each(spellings)('finds a key %s, once, wherever a block ends', async (_, text, expected) => {
    const bytes = Buffer.from(text as string)
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(await find(bytes.subarray(0, cut), bytes.subarray(cut), '\nend')).toEqual([{ right: true, ...expected }])
    }
  })

  test('finds each of two keys side by side, and a key again at another place', async () => {
    const found = await find(`${token}${token} ${base64(token)}`, '\n'.repeat(3000), token)
    expect(found.map(({ line, column }) => [line, column])).toEqual([[1, 1], [1, 73], [1, 146], [3001, 1]])
  })

  test('counts lines over many blocks without a key', async () => {
    const blocks = Array.from({ length: 50 }, () => 'ab\ncd'.repeat(100))
    expect(await find(...blocks, `\nx${token}`)).toEqual([{ right: true, line: 5002, column: 2, encoding: 'plain' }])
  })

  test('finds none in a mistyped key, a redacted one, a cut one, and base64 of these', async () => {
    const wrong = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A')
    const texts = [wrong, letterlockKeys.redact(token), token.slice(0, 71), token.toUpperCase(), `${token.slice(0, 30)}\n${token.slice(30)}`]
    expect(await find(...texts.flatMap((text) => [text, '\n', base64(text), '\n', Buffer.from(text, 'utf16le')]))).toEqual([])
  })

  test('stays linear when every line begins like base64 of a key', async () => {
    const near = 'bGxfbGl2ZV' + '\n'.repeat(1000)
    expect(await find(...Array.from({ length: 200 }, () => near.repeat(10)))).toEqual([])
  })
})
