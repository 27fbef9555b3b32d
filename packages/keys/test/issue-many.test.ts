/** A million keys; ten million by hand with scripts/issue-many.ts. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { measureKeys } from '../scripts/key-statistics.ts'
import { createPooledRandomBytes } from '../scripts/pooled-random-bytes.ts'
import { letterlockKeys } from '../src/index.ts'
import { base62 } from '../src/alphabets.ts'

const issue = (randomBytes = createPooledRandomBytes()) => () => letterlockKeys.issue({ mode: 'live', randomBytes }).token

/** In a process of its own, where modules are not instrumented: several times faster. */
test('a million issued keys: none twice, every character of every position equally likely', { timeout: 120_000 }, async () => {
  const script = fileURLToPath(new URL('../scripts/issue-many.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [script, '--count', '1000000'])
  expect(stdout).toContain('1000000 keys in')
  expect(stdout).toContain('repeated secrets 0, repeated key ids 0')
  expect(stdout).toMatch(/\nok\n$/)
})

describe('measureKeys() fails', () => {
  const count = 30_000

  test('when one secret repeats', () => {
    const repeating = issue()
    const first = repeating()
    let issued = 0
    const result = measureKeys(count, () => (++issued % 20_000 === 1 ? first : repeating()))
    expect(result).toMatchObject({ repeatedSecrets: 1, repeatedKeyIds: 1, ok: false })
  })

  test('when the rejection step is left out', () => {
    const randomBytes = createPooledRandomBytes()
    const fair = issue()
    const result = measureKeys(count, () => {
      const secret = Array.from(randomBytes(32), (byte) => base62.charAt(byte % 62)).join('')
      const token = fair()
      return token.slice(0, 34) + secret + token.slice(66)
    })
    expect(result.ok).toBe(false)
    expect(result.positions.filter(({ zScore }) => zScore > 6)).toHaveLength(32)
  })

  test('when the characters are more even than chance allows', () => {
    const fair = issue()
    let next = 0
    const result = measureKeys(count, () => {
      const token = fair()
      return token.slice(0, 40) + base62.charAt(next++ % 62) + token.slice(41)
    })
    expect(result.ok).toBe(false)
  })
})
