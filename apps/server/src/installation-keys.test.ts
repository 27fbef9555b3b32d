import { defineKeyFormat } from '@letterlock/keys'
import { describe, expect, test } from 'vitest'
import { installationKeys } from './installation-keys.ts'

const body = 'a1B2c3D4'.repeat(4)

function redactor(...prefixes: string[]) {
  const { keyFormat, learnPrefixes } = installationKeys({ prefix: 'll' })
  learnPrefixes(prefixes)
  return keyFormat.redactKeys
}

describe('redactKeys() of an installation', () => {
  test('cuts out access tokens, and findKeys() finds them', () => {
    const { keyFormat } = installationKeys({ prefix: 'll' })
    const { token, keyId } = defineKeyFormat({ prefix: 'll_at' }).issue({ mode: 'live' })
    expect(keyFormat.redactKeys(`a ${token} b`)).toBe(`a ll_at_live_${keyId.slice(4)}****${token.slice(-4)} b`)
    const key = keyFormat.issue({ mode: 'test' }).token
    expect(keyFormat.findKeys(`${token} ${key}`).map((found) => found.token).sort()).toEqual([token, key].sort())
    const { keyFormat: long } = installationKeys({ prefix: 'sixteen_chars_xx' })
    expect(long.findKeys(long.issue({ mode: 'live' }).token)).toHaveLength(1)
  })

  test('cuts out keys of its own before and after prefixes were learnt', () => {
    const { keyFormat, learnPrefixes } = installationKeys({ prefix: 'll' })
    const { token, keyId } = keyFormat.issue({ mode: 'live' })
    const foreign = `sk_${body}`
    expect(keyFormat.redactKeys(`${token} ${foreign}`)).toBe(`ll_live_${keyId.slice(4)}****${token.slice(-4)} ${foreign}`)
    learnPrefixes(['sk_'])
    expect(keyFormat.redactKeys(`${token} ${foreign}`)).toBe(`ll_live_${keyId.slice(4)}****${token.slice(-4)} sk_****`)
  })

  test.each([
    [`{"a":"sk_${body}"}`, '{"a":"sk_****"}'],
    [`"line\\nsk_${body}"`, '"line\\nsk_****"'],
    [`?key=sk_${body}&x=1`, '?key=sk_****&x=1'],
    [`?q=a%3Dsk_${body}`, '?q=a%3Dsk_****'],
    [`Bearer sk_live_${body}`, 'Bearer sk_live_****'],
    [`sk_${body} and old-${body}`, 'sk_**** and old-****'],
  ])('cuts a foreign token out of %j', (text, redacted) => {
    expect(redactor('sk_', 'sk_live_', 'old-')(text)).toBe(redacted)
  })

  test.each(['sk_short', 'task_with_a_name_that_is_long_enough', 'key_01h455vb4pex5vsknk084sn02q', `pk_${body}`])('leaves %j as it is', (text) => {
    expect(redactor('sk_', 'old', '01h', 'vsk')(text)).toBe(text)
  })

  test('takes linear time', () => {
    const redact = redactor('sk_', 'sk_live_', 'sk_l')
    const startedAt = performance.now()
    redact('sk_'.repeat(300_000))
    redact('sk_live_'.repeat(100_000))
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })
})
