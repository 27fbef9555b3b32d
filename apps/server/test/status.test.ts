import { operationIds } from '@letterlock/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.stop())

const get = (path: string) => fetch(`${server.managementUrl}${path}`)

test('GET /healthz and /readyz answer 200', async () => {
  for (const [path, status] of [['/healthz', 'ok'], ['/readyz', 'ready']] as const) {
    const response = await get(path)
    expect([response.status, await response.json()]).toEqual([200, { status }])
  }
})

test('GET /openapi.json is the document of every operation, at the address of the product API', async () => {
  const response = await get('/openapi.json')
  expect(response.headers.get('content-type')).toContain('application/json')
  const document = await response.json() as { openapi: string; servers: unknown; paths: Record<string, Record<string, { operationId: string }>> }
  expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: `${server.apiUrl}/v1` }] })
  const ids = Object.values(document.paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId))
  expect(ids.sort()).toEqual([...operationIds].sort())
})

test('GET /metrics counts requests by operation and outcome', async () => {
  await server.call('GET', '/key')
  await server.call('GET', '/key')
  await server.call('GET', '/key', { key: 'wrong' })
  const response = await get('/metrics')
  expect(response.headers.get('content-type')).toContain('text/plain')
  const lines = (await response.text()).split('\n')
  expect(lines).toContain('letterlock_requests_total{operation="key.get",outcome="ok"} 2')
  expect(lines).toContain('letterlock_requests_total{operation="key.get",outcome="invalid_key"} 1')
})

test('the product port has none of them', async () => {
  for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/trpc/scopes.list', '/mailbox/messages']) {
    expect((await fetch(`${server.apiUrl}${path}`)).status, path).toBe(404)
  }
})
