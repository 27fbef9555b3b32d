/** Keys that end while the program runs: the client goes on with the next one, and says so. */
import { letterlockKeys } from '@letterlock/keys'
import { describe, expect, test, vi } from 'vitest'
import type { ApiKeySource } from '../src/api-key.ts'
import type { KeySwitched } from '../src/credentials/key-ring.ts'
import { keyServer } from './key-server.ts'
import { testClient } from './test-client.ts'

const issue = (): string => letterlockKeys.issue({ mode: 'live' }).token

function setUp(url: string, keys: ApiKeySource[], more: { apiKeyHeldMs?: number; authPause?: false } = {}) {
  const events: KeySwitched[] = []
  return { events, ...testClient(url, { keys, onKeySwitched: (event) => void events.push(event), ...more }) }
}

describe('keys: [current, next]', () => {
  test.each(['expired_key', 'revoked_key', 'retired_secret'])('after %s the next is used, once for good, and the program is told once', async (code) => {
    const [current, next] = [issue(), issue()]
    const { url, seen, answers } = await keyServer({ [current]: 'ok', [next]: 'ok' })
    const { client, events, waits } = setUp(url, [current, next])
    await client.key.get()
    answers[current] = code
    const { response } = await client.contacts.create({ email: 'a@b.c' }).withResponse()
    await client.key.get()
    expect(seen.map((each) => each.key)).toEqual([current, current, next, next])
    expect(seen[1]?.idempotencyKey).toBe(seen[2]?.idempotencyKey)
    expect(response.attempts).toBe(2)
    expect(waits).toEqual([])
    expect(events).toEqual([{ from: letterlockKeys.redact(current), to: letterlockKeys.redact(next), code }])
    expect(JSON.stringify(events)).not.toContain(current.slice(-38))
  })

  test.each(['invalid_key', 'disabled_key', 'missing_key'])('after %s nothing is switched: the key in use is the right one, or never was', async (code) => {
    const [current, next] = [issue(), issue()]
    const { url, seen } = await keyServer({ [current]: code, [next]: 'ok' })
    const { client, events } = setUp(url, [current, next])
    await expect(client.key.get()).rejects.toMatchObject({ status: 401, code })
    expect(seen.map((each) => each.key)).toEqual([current])
    expect(events).toEqual([])
  })

  test('a hundred calls at the same time all succeed, and the ring moves once', async () => {
    const [current, next, last] = [issue(), issue(), issue()]
    const { url, seen } = await keyServer({ [current]: 'expired_key', [next]: 'ok', [last]: 'ok' }, { 'letterlock-key-id': 'key_1' })
    const { client, events, session } = setUp(url, [current, next, last])
    await Promise.all(Array.from({ length: 100 }, () => client.key.get()))
    expect(events).toHaveLength(1)
    expect(session.watch.status().shown).toBe(letterlockKeys.redact(next))
    expect(seen.filter((each) => each.key === next)).toHaveLength(100)
    expect(seen.some((each) => each.key === last)).toBe(false)
  })

  test('goes through several that are over, and the retries of the call stay as they were', async () => {
    const keys = [issue(), issue(), issue()] as const
    const { url, seen } = await keyServer({ [keys[0]]: 'expired_key', [keys[1]]: 'revoked_key', [keys[2]]: 'unavailable' })
    const { client, events, waits } = setUp(url, [...keys])
    await expect(client.key.get()).rejects.toMatchObject({ code: 'unavailable' })
    expect(seen.map((each) => each.key)).toEqual([keys[0], keys[1], keys[2], keys[2], keys[2]])
    expect(waits).toEqual([250, 500])
    expect(events.map((event) => event.code)).toEqual(['expired_key', 'revoked_key'])
  })

  test('when the last is over too, its own error is thrown', async () => {
    const [current, next] = [issue(), issue()]
    const { url, seen } = await keyServer({ [current]: 'expired_key', [next]: 'revoked_key' })
    const { client } = setUp(url, [current, next], { authPause: false })
    await expect(client.key.get()).rejects.toMatchObject({ status: 401, code: 'revoked_key' })
    await expect(client.key.get()).rejects.toMatchObject({ code: 'revoked_key' })
    expect(seen.map((each) => each.key)).toEqual([current, next, next])
  })

  test('a next key that is malformed or cannot be found is said by its name, and nothing was switched', async () => {
    const current = issue()
    const { url } = await keyServer({ [current]: 'expired_key' })
    await expect(setUp(url, [current, 'undefined']).client.key.get()).rejects.toMatchObject({ code: 'malformed_api_key', message: expect.stringContaining('`keys[1]` is a placeholder') as string })
    const sealed = setUp(url, [current, () => Promise.reject(new Error('sealed'))])
    await expect(sealed.client.key.get()).rejects.toMatchObject({ code: 'api_key_unavailable' })
    expect(sealed.events).toEqual([])
  })

  test('places without a key are left out, so that the next may not be there yet', async () => {
    const current = issue()
    const { url } = await keyServer({ [current]: 'ok' })
    const { client } = testClient(url, { keys: [undefined, current, undefined] })
    await expect(client.key.get()).resolves.toMatchObject({ id: 'key_1' })
  })

  test('a listener that throws breaks no call; without a listener the log warns', async () => {
    const [current, next] = [issue(), issue()]
    const { url } = await keyServer({ [current]: 'expired_key', [next]: 'ok' })
    const warn = vi.fn<(line: string) => void>()
    const logger = { error: vi.fn<(line: string) => void>(), warn, info: () => {}, debug: () => {} }
    const throwing = testClient(url, { keys: [current, next], logger, onKeySwitched: () => { throw new Error('mine') } })
    await expect(throwing.client.key.get()).resolves.toMatchObject({ id: 'key_1' })
    expect(logger.error).toHaveBeenCalledWith('letterlock: a listener failed: Error: mine')
    await testClient(url, { keys: [current, next], logger }).client.key.get()
    expect(warn.mock.calls).toEqual([[`letterlock: expired_key: goes on from ${letterlockKeys.redact(current)} to ${letterlockKeys.redact(next)}`]])
  })
})

describe('a function apiKey', () => {
  test('is asked anew when its held answer is over, by all calls together once', async () => {
    const [current, next] = [issue(), issue()]
    const { url, answers } = await keyServer({ [current]: 'ok', [next]: 'ok' })
    let stored = current
    const provider = vi.fn<() => Promise<string>>(() => Promise.resolve(stored))
    const events: KeySwitched[] = []
    const { client } = testClient(url, { apiKey: provider, onKeySwitched: (event) => void events.push(event) })
    await client.key.get()
    stored = next
    answers[current] = 'retired_secret'
    await Promise.all(Array.from({ length: 50 }, () => client.key.get()))
    expect(provider).toHaveBeenCalledTimes(2)
    expect(events.map((event) => event.code)).toEqual(['retired_secret'])
  })

  test('that answers the same key again ends the call with the 401', async () => {
    const current = issue()
    const { url, seen } = await keyServer({ [current]: 'revoked_key' })
    const { client } = testClient(url, { apiKey: () => current })
    await expect(client.key.get()).rejects.toMatchObject({ code: 'revoked_key' })
    expect(seen).toHaveLength(1)
  })

  test('that hangs while it is asked anew is left behind in time', async () => {
    const current = issue()
    const { url } = await keyServer({ [current]: 'expired_key' })
    const provider = vi.fn<() => Promise<string>>().mockResolvedValueOnce(current).mockReturnValue(new Promise(() => {}))
    const { client } = testClient(url, { apiKey: provider, timeoutMs: 50 })
    await expect(client.key.get()).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})
