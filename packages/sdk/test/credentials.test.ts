import { chmodSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { letterlockKeys } from '@letterlock/keys'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { Letterlock } from '../src/letterlock.ts'
import { scriptedServer } from './scripted-server.ts'
import { testClient } from './test-client.ts'

const issue = (mode: 'live' | 'test'): string => letterlockKeys.issue({ mode }).token
const answer = { status: 200, json: { id: 'key_1' } }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'letterlock-key-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
})

function keyFileWith(text: string, mode = 0o600): string {
  const path = join(folder, 'key')
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

describe('apiKeyFile', () => {
  test('is read without the line break at its end, and again when it is replaced or written anew', async () => {
    const { url, seen } = await scriptedServer(answer)
    const keys = [issue('live'), issue('live'), issue('live')]
    const path = keyFileWith(`${keys[0]}\n`)
    const client = new Letterlock({ apiKeyFile: path, baseUrl: url })
    await client.key.get()
    await client.key.get()
    const next = join(folder, 'next')
    writeFileSync(next, keys[1] ?? '', { mode: 0o600 })
    renameSync(next, path) // as secret stores do
    await client.key.get()
    writeFileSync(path, `${keys[2]}\r\n\n`)
    await client.key.get()
    expect(seen.map((request) => request.headers.authorization)).toEqual([0, 0, 1, 2].map((i) => `Bearer ${keys[i]}`))
  })

  test('may be a link, as in containers', async () => {
    const { url, seen } = await scriptedServer(answer)
    const link = join(folder, 'link')
    symlinkSync(keyFileWith('acme_key'), link)
    await new Letterlock({ apiKeyFile: link, baseUrl: url }).key.get()
    expect(seen[0]?.headers.authorization).toBe('Bearer acme_key')
  })

  test.each([0o640, 0o604, 0o660, 0o602, 0o777])('with mode %o is refused, with the way out', async (mode) => {
    const { url, seen } = await scriptedServer(answer)
    const client = new Letterlock({ apiKeyFile: keyFileWith('acme_key', mode), baseUrl: url })
    await expect(client.key.get()).rejects.toMatchObject({ code: 'insecure_api_key_file', message: expect.stringContaining(`0${mode.toString(8)}): chmod 600`) as string })
    expect(seen).toHaveLength(0)
  })

  test.each([0o600, 0o400])('with mode %o is taken', async (mode) => {
    const { url } = await scriptedServer(answer)
    await expect(new Letterlock({ apiKeyFile: keyFileWith('acme_key', mode), baseUrl: url }).key.get()).resolves.toEqual({ id: 'key_1' })
  })

  test.each([
    ['that is not there', () => join(folder, 'none'), 'unreadable_api_key_file', 'ENOENT'],
    ['that is empty', () => keyFileWith('\n'), 'missing_api_key', 'no API key'],
    ['that is too large', () => keyFileWith('x'.repeat(5_000)), 'unreadable_api_key_file', '5000 bytes'],
    ['with two lines', () => keyFileWith('acme_key\nacme_other'), 'malformed_api_key', 'white space'],
  ])('%s says so', async (...[, path, code, text]) => {
    const client = new Letterlock({ apiKeyFile: path(), baseUrl: 'http://x.test' })
    await expect(client.key.get()).rejects.toMatchObject({ code, message: expect.stringContaining(text) as string })
  })

  test('where a runtime has no files, says so', async () => {
    const { process: kept } = globalThis
    const client = new Letterlock({ apiKeyFile: '/run/secrets/key', baseUrl: 'http://x.test' })
    Object.defineProperty(globalThis, 'process', { configurable: true, value: undefined })
    onTestFinished(() => void Object.defineProperty(globalThis, 'process', { configurable: true, value: kept }))
    await expect(client.key.get()).rejects.toThrow('this runtime has no files')
  })

  test('is named by LETTERLOCK_API_KEY_FILE as well; LETTERLOCK_API_KEY goes before it', async () => {
    const { url, seen } = await scriptedServer(answer)
    const variables: Record<string, string> = { LETTERLOCK_API_KEY_FILE: keyFileWith('acme_filed') }
    const { client } = testClient(url, { apiKey: undefined }, { environmentVariable: (name) => variables[name] })
    await client.key.get()
    variables.LETTERLOCK_API_KEY = 'acme_direct'
    await client.key.get()
    expect(seen.map((request) => request.headers.authorization)).toEqual(['Bearer acme_filed', 'Bearer acme_direct'])
  })
})

describe('a function apiKey', () => {
  test('is asked once by calls at the same time, and again when its answer was held for apiKeyHeldMs', async () => {
    const { url, seen } = await scriptedServer(answer)
    let asked = 0
    const { client, state } = testClient(url, { apiKey: () => Promise.resolve(`acme_${++asked}`), apiKeyHeldMs: 1_000 })
    await Promise.all(Array.from({ length: 20 }, () => client.key.get()))
    state.now += 999
    await client.key.get()
    expect(asked).toBe(1)
    state.now += 1
    await client.key.get()
    expect(asked).toBe(2)
    expect(seen.at(-1)?.headers.authorization).toBe('Bearer acme_2')
  })

  test('that fails is api_key_unavailable with its error as cause, and is asked again by the next call', async () => {
    const { url } = await scriptedServer(answer)
    const trouble = new Error('vault sealed')
    const provider = vi.fn<() => Promise<string>>().mockRejectedValueOnce(trouble).mockResolvedValue('acme_key')
    const { client } = testClient(url, { apiKey: provider })
    await expect(client.key.get()).rejects.toMatchObject({ code: 'api_key_unavailable', cause: trouble })
    await expect(client.key.get()).resolves.toEqual({ id: 'key_1' })
  })

  test('that never answers ends in a TimeoutError, and after half a minute the next call asks anew', async () => {
    const { url } = await scriptedServer(answer)
    const provider = vi.fn<() => Promise<string>>().mockReturnValueOnce(new Promise(() => {})).mockResolvedValue('acme_key')
    const { client, state } = testClient(url, { apiKey: provider, timeoutMs: 20 })
    await expect(client.key.get()).rejects.toMatchObject({ name: 'TimeoutError', message: 'The API key was not found within 20 ms.' })
    await expect(client.key.get()).rejects.toMatchObject({ name: 'TimeoutError' })
    state.now += 30_000
    await expect(client.key.get({ timeoutMs: 5_000 })).resolves.toEqual({ id: 'key_1' })
    expect(provider).toHaveBeenCalledTimes(2)
  })

  test('is left alone by a signal that aborts', async () => {
    const stop = new AbortController()
    const call = testClient('http://x.test', { apiKey: () => new Promise(() => {}) }).client.key.get({ signal: stop.signal })
    stop.abort('enough')
    await expect(call).rejects.toMatchObject({ name: 'AbortedError', cause: 'enough' })
  })
})

describe('what a key is held against before it is sent', () => {
  test.each([['test', 'live'], ['live', 'test']] as const)('a %s key where `mode` is %s', async (of, mode) => {
    const client = new Letterlock({ apiKey: issue(of), mode, baseUrl: 'http://x.test' })
    await expect(client.key.get()).rejects.toMatchObject({ code: 'malformed_api_key', message: expect.stringContaining(`is a ${of} key, and this client is made for ${mode} keys`) as string })
  })

  test.each(['github_pat_11AA', `ghp_${'a'.repeat(36)}`, 'sk-proj-abc', 'SG.abc.def', `AKIA${'A'.repeat(16)}`, 'xoxb-1-2', 'eyJhbGciOiJIUzI1NiJ9.e30.x'])(
    'a key of another product: %s', async (apiKey) => {
      const client = new Letterlock({ apiKey, baseUrl: 'http://x.test' })
      await expect(client.key.get()).rejects.toThrow('is a key of another product')
    },
  )
})
