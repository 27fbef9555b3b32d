import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { accessTokenFormat } from '@letterlock/verifier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './test-server.ts'

const run = promisify(execFile)
const origin = 'https://app.example'
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path))

let server: TestServer
let workspaceId: string
beforeAll(async () => {
  server = await startTestServer()
  workspaceId = (await server.manage('workspaces.create', { name: 'Acme' })).body.result.data.workspace.id
})
afterAll(() => server.stop())

async function createKey() {
  const input = { workspaceId, mode: 'live', name: 'Backend', scopes: ['contacts:read', 'contacts:write'] }
  const { key, secret } = (await server.manage('keys.create', input)).body.result.data
  return { keyId: key.id as string, secret: secret as string }
}

async function createToken(scope = 'contacts:read'): Promise<string> {
  const { secret } = await createKey()
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_secret: secret, scope })
  return ((await (await fetch(`${server.apiUrl}/oauth/token`, { method: 'POST', body })).json()) as { access_token: string }).access_token
}

const readableBy = async (key: string | null, headers: Record<string, string> = { origin }) => {
  const answer = await server.call('GET', '/contacts', { key, headers })
  return { status: answer.status, allowed: answer.headers.get('access-control-allow-origin') }
}

async function untilExposed(keyId: string): Promise<string | null> {
  for (const until = performance.now() + 5_000; performance.now() < until;) {
    const { exposedAt } = (await server.manage('keys.get', { keyId }, { query: true })).body.result.data.key
    if (exposedAt !== null) return exposedAt
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return null
}

describe('a page', () => {
  test('may read what it asked for with an access token, also why it was refused', async () => {
    const token = await createToken()
    expect(await readableBy(token)).toEqual({ status: 200, allowed: '*' })
    expect(await readableBy(accessTokenFormat('ll')?.issue({ mode: 'live' }).token ?? '')).toEqual({ status: 401, allowed: '*' })
    expect(await readableBy(null)).toEqual({ status: 401, allowed: '*' })
    expect((await server.call('GET', '/contacts', { key: token, headers: { origin } })).headers.get('access-control-expose-headers')).toBe('*')
  })

  test('may read nothing of what it asked for with a key, and the key is exposed; a program without an origin exposes none', async () => {
    const [ofPage, ofProgram] = [await createKey(), await createKey()]
    expect(await readableBy(ofPage.secret)).toEqual({ status: 200, allowed: null })
    expect(await readableBy(ofProgram.secret, {})).toEqual({ status: 200, allowed: null })
    expect(await untilExposed(ofPage.keyId)).toEqual(expect.any(String))
    expect((await server.manage('keys.get', { keyId: ofProgram.keyId }, { query: true })).body.result.data.key.exposedAt).toBeNull()
    expect(await readableBy('whatever')).toEqual({ status: 401, allowed: null })
  })

  test('is told by a preflight what it may send, below /v1 alone', async () => {
    const ask = (path: string, headers: Record<string, string>) => fetch(`${server.apiUrl}${path}`, { method: 'OPTIONS', headers })
    const wish = { origin, 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'authorization' }
    const { status, headers } = await ask('/v1/contacts/ada@example.com', wish)
    expect([status, headers.get('access-control-allow-origin'), headers.get('access-control-allow-credentials')]).toEqual([204, '*', null])
    expect(headers.get('access-control-allow-methods')).toContain('PATCH')
    expect(headers.get('access-control-allow-headers')).toContain('authorization')
    expect((await ask('/v1/contacts', {})).status).toBe(405)
    for (const path of ['/oauth/token', '/s/x', '/u/x']) expect([path, (await ask(path, wish)).headers.get('access-control-allow-origin')]).toEqual([path, null])
  })

  test.skipIf(chromium === undefined && process.env['CI'] !== 'true')('in Chromium works with a token and with no key', async () => {
    const [{ secret }, token] = [await createKey(), await createToken('contacts:read contacts:write')]
    const script = `
      const call = async (key, init) => {
        try {
          const answer = await fetch('${server.apiUrl}/v1/contacts', { ...init, headers: { authorization: 'Bearer ' + key, 'content-type': 'application/json' } })
          return answer.status + ' ' + answer.headers.get('x-request-id').slice(0, 4)
        } catch (error) { return error.name }
      }
      const told = []
      told.push(await call(${JSON.stringify(token)}))
      told.push(await call(${JSON.stringify(token)}, { method: 'POST', body: JSON.stringify({ email: 'ada@example.com' }) }))
      told.push(await call(${JSON.stringify(secret)}))
      document.body.textContent = told.join(', ')
    `
    const page = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(`<body>waiting</body><script type="module">${script}</script>`))
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
    const profile = mkdtempSync(join(tmpdir(), 'letterlock-chromium-'))
    try {
      const url = `http://127.0.0.1:${(page.address() as AddressInfo).port}/`
      const options = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile}`, '--virtual-time-budget=10000', '--dump-dom', url]
      const { stdout } = await run(chromium ?? 'chromium', options, { timeout: 60_000 })
      expect(stdout).toContain('200 req_, 201 req_, TypeError')
    } finally {
      page.close()
      rmSync(profile, { recursive: true, force: true })
    }
  }, 90_000)
})
