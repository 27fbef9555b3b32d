// The published client against a server as people start it: its key is rotated, ends, is taken away while it works.
import { type KeyExpiring, type KeySwitched, Letterlock } from 'letterlock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSite, type ServerProcess, type Site, startServerProcess } from './server-process.ts'

let site: Site
let server: ServerProcess
beforeAll(async () => {
  site = await createSite()
  server = await startServerProcess(site)
})
afterAll(async () => {
  await server.kill('SIGTERM')
  site.remove()
})

interface Created {
  readonly key: { readonly id: string }
  readonly secret: string
}

async function manage<T = Created>(procedure: string, input: unknown): Promise<T> {
  const { managementUrl, rootKey } = server.dev()
  const headers = { authorization: `Bearer ${rootKey}`, 'content-type': 'application/json' }
  const response = await fetch(`${managementUrl}/trpc/${procedure}`, { method: 'POST', headers, body: JSON.stringify(input) })
  const answer = (await response.json()) as { result?: { data: T } }
  if (!answer.result) throw new Error(`${procedure}: ${JSON.stringify(answer)}`)
  return answer.result.data
}

const createKey = (input: { scopes?: string[]; expiresIn?: string } = {}) =>
  manage('keys.create', { workspaceId: server.dev().workspaceId, mode: 'live', name: 'client', scopes: ['contacts:read', 'contacts:write'], ...input })

test('the client goes through a rotation without overlap, a revocation and an expiry without a failed call', async () => {
  const [first, second, third] = [await createKey(), await createKey(), await createKey()]
  let rotated = ''
  const events: KeySwitched[] = []
  const letterlock = new Letterlock({
    baseUrl: server.dev().apiUrl, keys: [first.secret, () => rotated, second.secret, third.secret], onKeySwitched: (event) => void events.push(event),
  })
  const used: string[] = []
  const use = async () => void used.push(...(await Promise.all(Array.from({ length: 20 }, () => letterlock.key.get()))).map((key) => key.id))
  await use()
  rotated = (await manage('keys.rotate', { keyId: first.key.id, overlap: '0s' })).secret
  await use()
  await manage('keys.revoke', { keyId: first.key.id, reason: 'test' })
  await use()
  await manage('keys.update', { keyId: second.key.id, expiresIn: '1s' })
  await expect.poll(async () => {
    await use()
    return events.length
  }, { timeout: 10_000 }).toBe(3)
  expect(events.map((event) => event.code)).toEqual(['retired_secret', 'revoked_key', 'expired_key'])
  expect([...new Set(used)]).toEqual([first, second, third].map(({ key }) => key.id))
})

test('the client is told of an end that is near, and of a newer secret, once each', async () => {
  const { key, secret } = await createKey({ expiresIn: '20d' })
  await manage('keys.rotate', { keyId: key.id, overlap: '1h' })
  const told: KeyExpiring[] = []
  const letterlock = new Letterlock({ baseUrl: server.dev().apiUrl, apiKey: secret, onKeyExpiring: (event) => void told.push(event) })
  const { expiresAt } = await letterlock.key.get()
  await letterlock.key.get()
  const state = { keyId: key.id, expiresAt: new Date(expiresAt ?? ''), superseded: true }
  expect(told).toEqual([{ ...state, thresholdDays: 30 }, { ...state, thresholdDays: null }])
  expect(letterlock.key.status()).toMatchObject({ ...state, shown: expect.stringContaining('****') })
})

test('checkScopes() holds what was declared against the key; what it lacks ends in insufficient_scope', async () => {
  const { secret } = await createKey({ scopes: ['contacts:read', 'lists:read'] })
  const letterlock = new Letterlock({ baseUrl: server.dev().apiUrl, apiKey: secret })
  await expect(letterlock.withScopes(['contacts:read']).checkScopes()).resolves.toEqual({
    granted: expect.arrayContaining(['contacts:read', 'lists:read']), undeclared: ['lists:read'],
  })
  await expect(letterlock.withScopes(['contacts:read', 'emails:send']).checkScopes()).rejects.toMatchObject({ code: 'missing_scopes' })
  await expect(letterlock.lists.create({ name: 'x' })).rejects.toMatchObject({ code: 'insufficient_scope', requiredScope: 'lists:write' })
})

test('a key that was taken away is sent five times, not for ever', async () => {
  const { key, secret } = await createKey()
  let sent = 0
  const letterlock = new Letterlock({
    baseUrl: server.dev().apiUrl, apiKey: secret, logLevel: 'off', middleware: [(request, next) => (sent++, next(request))],
  })
  await letterlock.key.get()
  await manage('keys.disable', { keyId: key.id, reason: 'test' })
  const codes: unknown[] = []
  for (let i = 0; i < 20; i++) codes.push(await letterlock.key.get().then(() => 'ok', (error: { code: string }) => error.code))
  expect(sent).toBe(6)
  expect([...new Set(codes)]).toEqual(['disabled_key', 'auth_paused'])
})
