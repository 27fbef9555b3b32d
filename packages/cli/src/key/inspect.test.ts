import { letterlockKeys } from '@letterlock/keys'
import { describe, expect, test } from 'vitest'
import { letterlock } from '../../test/run-letterlock.ts'
import { cluesOf } from './key-clues.ts'

const now = Date.UTC(2026, 4, 6, 7, 8, 9, 10)
const { token, keyId } = letterlockKeys.issue({ mode: 'test', now })
const redacted = letterlockKeys.redact(token)
const known = { keyId, issuedAt: now }

describe('cluesOf()', () => {
  test.each([
    ['a key', token, { shown: redacted, kind: 'key', checksum: 'right', mode: 'test', ...known }],
    ['a shortened key', redacted, { shown: redacted, kind: 'redacted_key', mode: 'test', ...known }],
    ['an id', keyId, { shown: keyId, kind: 'key_id', ...known }],
    ['a cut key', token.slice(0, -1), { shown: 'll_test_****', kind: 'no_key', fault: 'too_short' }],
    ['a mistyped key', token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A'), { shown: 'll_test_****', kind: 'no_key', fault: 'bad_checksum', checksum: 'wrong' }],
    ['nothing', '', { shown: '****', kind: 'no_key', fault: 'empty' }],
  ])('knows %s', (_, text, clues) => expect(cluesOf(text, letterlockKeys)).toEqual(clues))
})

describe('key inspect', () => {
  test('reads a key from the standard input and shows it shortened', async () => {
    const { code, stdout, stderr } = await letterlock(['key', 'inspect'], { input: `${token}\n` })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.replaceAll(/ {2,}/g, '  ')).toBe(
      `${redacted}  a key\nchecksum  right\nopens  test: test environment\nid  ${keyId}\nissued  2026-05-06T07:08:09.010Z\n`,
    )
  })

  test('ends with 1 and a reason for what is no key', async () => {
    const { code, stdout } = await letterlock(['key', 'inspect', '--json'], { input: `"${token}"` })
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'no_key', fault: 'quoted', shown: '****', explanation: expect.stringContaining('quotation marks') })
  })

  test('says of a whole key among the arguments that it is known to others now', async () => {
    const { code, stdout, stderr } = await letterlock(['key', 'inspect', token])
    expect(code).toBe(0)
    expect(stderr).toContain('in the history of this shell')
    expect(stdout + stderr).not.toContain(token.slice(34, 66))
  })
})
