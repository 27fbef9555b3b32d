import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createSite, startServerProcess } from '@letterlock/e2e/server-process'
import type { Dev, ServerProcess, Site } from '@letterlock/e2e/server-process'
import { letterlockKeys } from '@letterlock/keys'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { letterlock } from './run-letterlock.ts'

type Remark = { readonly verdict: string; readonly check: string; readonly text: string }

async function doctor(env: Record<string, string>, ...args: string[]): Promise<{ code: number; remarks: Record<string, Remark> }> {
  const { code, stdout, stderr } = await letterlock(['doctor', '--json', ...args], { env })
  expect(stderr).toBe('')
  const { remarks } = JSON.parse(stdout) as { remarks: Remark[] }
  return { code, remarks: Object.fromEntries(remarks.map((remark) => [remark.check, remark])) }
}

describe('doctor beside a server', () => {
  let site: Site
  let server: ServerProcess
  let dev: Dev
  let env: Record<string, string>
  beforeAll(async () => {
    site = await createSite()
    server = await startServerProcess(site)
    dev = server.dev()
    env = { LETTERLOCK_API_KEY: dev.liveKey, LETTERLOCK_BASE_URL: dev.apiUrl }
  }, 90_000)
  afterAll(async () => {
    await server.kill('SIGTERM')
    site.remove()
  })

  test('ends with 0 when all is well, and tells what the key is', async () => {
    const { code, remarks } = await doctor(env, '--scope', 'campaigns:send')
    expect(Object.values(remarks).filter(({ verdict }) => verdict !== 'good')).toEqual([])
    expect(code).toBe(0)
    expect(Object.keys(remarks)).toEqual(['key', 'base URL', 'server', 'clock', 'access', 'scope', 'expiry'])
    expect(remarks['access']?.text).toContain(`live key of ${dev.workspaceId}`)
  })

  test('never shows the key, and marks each line', async () => {
    const { stdout } = await letterlock(['doctor'], { env })
    expect(stdout).toMatch(/^ok {2}key {7}ll_live_/)
    expect(stdout).not.toContain(dev.liveKey.slice(34, 60))
  })

  test('reads the key from a file or the standard input', async () => {
    const file = join(site.dataDir, 'key')
    writeFileSync(file, `${dev.liveKey}\n`, { mode: 0o600 })
    expect((await doctor({}, '--base-url', dev.apiUrl, '--key-file', file)).code).toBe(0)
    const { code } = await letterlock(['doctor', '--base-url', dev.apiUrl, '--key-file', '-'], { input: dev.liveKey })
    expect(code).toBe(0)
  })

  test('names a scope that the key does not have, and ends with 1', async () => {
    const { code, remarks } = await doctor(env, '--scope', 'campaigns:fly')
    expect([code, remarks['scope']?.verdict]).toEqual([1, 'wrong'])
  })

  test('tells an unknown key and a revoked one apart', async () => {
    const unknown = letterlockKeys.issue({ mode: 'live' }).token
    expect((await doctor({ ...env, LETTERLOCK_API_KEY: unknown })).remarks['access']?.text).toContain('401 invalid_key: it is not known here')
    const headers = { authorization: `Bearer ${dev.testKey}` }
    await fetch(`${dev.apiUrl}/v1/key/revoke`, { method: 'POST', headers })
    const { code, remarks } = await doctor({ ...env, LETTERLOCK_API_KEY: dev.testKey })
    expect(code).toBe(1)
    expect(remarks['access']?.text).toMatch(/401 revoked_key: it was revoked, for ever.*\(req_/)
  })

  test('says that something else answers at the management port', async () => {
    const { code, remarks } = await doctor({ ...env, LETTERLOCK_BASE_URL: dev.managementUrl })
    expect([code, remarks['server']?.verdict]).toEqual([1, 'wrong'])
    expect(remarks['server']?.text).toContain('something else answers')
  })
})

describe('doctor beside other servers', () => {
  const key = letterlockKeys.issue({ mode: 'live' }).token
  const self = { name: 'n', mode: 'live', workspaceId: 'ws_1', scopes: [], expiresAt: null }

  async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void) {
    const server = createServer(answer).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
  }

  async function beside(answer: (request: IncomingMessage, response: ServerResponse) => void) {
    const server = await serve(answer)
    try {
      return await doctor({ LETTERLOCK_API_KEY: key, LETTERLOCK_BASE_URL: server.url })
    } finally {
      server.close()
    }
  }

  function answering(headers: Record<string, string>, body: object = self, status = 200) {
    return beside((_, response) => {
      response.writeHead(status, { 'x-request-id': 'req_1', 'content-type': 'application/json', ...headers })
      response.end(JSON.stringify(body))
    })
  }

  test.each([
    [120_000, 'warning', /^is 1\d\d s behind/], [-120_000, 'warning', /^is 1\d\d s ahead of/], [600_000, 'wrong', /webhooks are refused/],
  ])('says that the clock is off by %i ms', async (offset, verdict, text) => {
    const { remarks } = await answering({ date: new Date(Date.now() + offset).toUTCString() })
    expect(remarks['clock']).toMatchObject({ verdict, text: expect.stringMatching(text) })
  })

  test('warns of an expiry within 30 days, a newer secret and a used-up limit', async () => {
    const expiresAt = new Date(Date.now() + 3.5 * 86_400_000).toISOString()
    const { code, remarks } = await answering({ 'letterlock-key-superseded': 'true', ratelimit: '"requests";r=0;t=7' }, { ...self, expiresAt })
    expect(code).toBe(0)
    expect(remarks['expiry']).toMatchObject({ verdict: 'warning', text: expect.stringContaining('in 3 days') })
    expect(remarks['rotation']?.verdict).toBe('warning')
    expect(remarks['rate limit']?.text).toBe('"requests" is used up for 7 s')
  })

  test('follows no redirect with the key', async () => {
    const asked: (string | undefined)[] = []
    const { remarks } = await beside((request, response) => {
      asked.push(request.url)
      response.writeHead(307, { location: '/elsewhere' }).end()
    })
    expect(asked).toEqual(['/v1/key'])
    expect(remarks['server']?.text).toContain('redirects')
  })

  test('prints neither control characters nor the key when an answer has them', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, { 'x-request-id': 'req_1' }).end(JSON.stringify({ ...self, name: '\u001b[2J', mode: key }))
    })
    try {
      const { stdout } = await letterlock(['doctor'], { env: { LETTERLOCK_API_KEY: key, LETTERLOCK_BASE_URL: server.url } })
      expect(stdout).toContain('\\u{1b}[2J: ll_live_')
      expect(stdout).not.toContain(key.slice(34, 60))
    } finally {
      server.close()
    }
  })

  test('says why no answer comes', async () => {
    const refused = await doctor({ LETTERLOCK_API_KEY: key, LETTERLOCK_BASE_URL: 'http://127.0.0.1:1' })
    expect(refused.remarks['server']?.text).toMatch(/ECONNREFUSED|the request failed/)
    const broken = await beside((request) => request.socket.destroy())
    expect(broken.remarks['server']?.text).toMatch(/UND_ERR_SOCKET|ECONNRESET/)
  })

  test('asks nobody without a key or a URL', async () => {
    const { code, remarks } = await doctor({})
    expect([code, Object.keys(remarks)]).toEqual([1, ['key', 'base URL']])
  })
})
