import { defineKeyFormat, letterlockKeys } from '@letterlock/keys'
import { describe, expect, test } from 'vitest'
import { checkedApiKey } from './api-key.ts'
import { Letterlock } from './letterlock.ts'

const issue = (mode: 'live' | 'test' | 'root'): string => letterlockKeys.issue({ mode }).token
const live = issue('live')
const check = (key: unknown) => checkedApiKey(key, 'LETTERLOCK_API_KEY')

describe('checkedApiKey()', () => {
  test.each([live, issue('test'), defineKeyFormat({ prefix: 'll_at' }).issue({ mode: 'live' }).token, 'acme_live_x', 'll_acme_live_0', 'x'])('passes a key through that may be right (%#)', (key) => {
    expect(check(key)).toBe(key)
  })

  test.each(['', undefined, null])('says where a key is looked for when there is none: %j', (key) => {
    expect(() => check(key)).toThrow('There is no API key: set LETTERLOCK_API_KEY or LETTERLOCK_API_KEY_FILE, or give')
  })

  test.each<[string, unknown]>([
    ['white space', `${live}\n`],
    ['white space', ` ${live}`],
    ['white space', 'acme_ key'],
    ['quotation marks', `"${live}"`],
    ['quotation marks', `'${live}'`],
    ['placeholder', 'undefined'],
    ['placeholder', 'null'],
    ['placeholder', '[object Promise]'],
    ['placeholder', '$LETTERLOCK_API_KEY'],
    ['Bearer', `Bearer ${live}`],
    ['root key', issue('root')],
    ['id of a key', 'key_01k8zv3hq5e7tbd6j2m9w4xypn'],
    ['shortened', `${live.slice(0, 34)}****abcd`],
    ['copy it again', live.slice(0, -1)],
    ['stuck to it', `${live}x`],
    ['checksum', live.slice(0, -1) + (live.endsWith('0') ? '1' : '0')],
    ['no key has', 'acme_kéy'],
    ['is a number', 7],
    ['is a object', {}],
  ])('names what is wrong: %s (%#)', (text, key) => {
    expect(() => check(key)).toThrow(text)
    expect(() => check(key)).toThrow('The API key of LETTERLOCK_API_KEY')
    expect(() => check(key)).toThrow(expect.objectContaining({ code: 'malformed_api_key' }))
  })
})

describe('new Letterlock()', () => {
  const answer = () => Promise.resolve(Response.json({ id: 'key_1' }))

  test('does not throw without a key; the first call does', async () => {
    const client = new Letterlock({ baseUrl: 'http://x.test', apiKey: '' })
    await expect(client.key.get()).rejects.toMatchObject({ code: 'missing_api_key' })
  })

  test('asks a function for the key at each call when its answer is not held', async () => {
    const seen: unknown[] = []
    const keys = ['one', 'two']
    const fetch = (_: string, init: RequestInit) => {
      seen.push(new Headers(init.headers).get('authorization'))
      return answer()
    }
    const client = new Letterlock({ baseUrl: 'http://x.test', apiKey: () => Promise.resolve(keys.shift() ?? ''), apiKeyHeldMs: 0, fetch })
    await client.key.get()
    await client.key.get()
    expect(seen).toEqual(['Bearer one', 'Bearer two'])
    await expect(client.key.get()).rejects.toMatchObject({ code: 'missing_api_key' })
  })

  test('reads the environment at the call, and does without one', async () => {
    const client = new Letterlock({ baseUrl: 'http://x.test', fetch: answer })
    await expect(client.key.get()).rejects.toMatchObject({ code: 'missing_api_key' })
    process.env.LETTERLOCK_API_KEY = 'acme_key'
    await expect(client.key.get()).resolves.toEqual({ id: 'key_1' })
    const { process: kept } = globalThis
    try {
      Object.defineProperty(globalThis, 'process', { configurable: true, get: () => { throw new Error('not allowed') } })
      await expect(client.key.get()).rejects.toMatchObject({ code: 'missing_api_key' })
    } finally {
      Object.defineProperty(globalThis, 'process', { configurable: true, value: kept })
      delete process.env.LETTERLOCK_API_KEY
    }
  })
})
