import { connect } from '@letterlock/db'
import { once } from 'node:events'
import { connect as connectSocket } from 'node:net'
import { expect, test } from 'vitest'
import { startTestServer, type TestServer } from './test-server.ts'

const usageOf = async ({ connectionString }: TestServer) => {
  const db = connect({ connectionString, max: 1, applicationName: 'test' })
  try {
    const counts = await db.selectFrom('usage_minutes').select(['operation', 'outcome', 'requests']).orderBy('operation').execute()
    return { counts, attempts: await db.selectFrom('usage_attempts').select(['reason', 'attempts']).execute() }
  } finally {
    await db.destroy()
  }
}

/** Sends the header of a request and the first character of its body; `finish` sends the rest and reads the answer. */
async function hold(url: string, { path, key, body }: { path: string; key: string; body: object }) {
  const { hostname, port } = new URL(url)
  const socket = connectSocket(Number(port), hostname)
  await once(socket, 'connect')
  const text = JSON.stringify(body)
  socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n{`)
  return async () => {
    socket.write(text.slice(1))
    let answer = ''
    for await (const chunk of socket) answer += String(chunk)
    return answer
  }
}

/** Whether a port takes connections. */
function isOpen(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  const socket = connectSocket(Number(port), hostname)
  return new Promise((resolve) => {
    socket.once('error', () => resolve(false)).once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

test('the end closes all ports at once, answers what has come, and saves the usage of it', async () => {
  const server = await startTestServer()
  try {
    const onProduct = await hold(server.apiUrl, { path: '/v1/lists', key: server.liveKey, body: { name: 'Last' } })
    const onManagement = await hold(server.managementUrl, { path: '/verifier/verify', key: server.rootKey, body: { key: server.liveKey } })
    await expect.poll(() => isOpen(server.apiUrl)).toBe(true) // both have come: sockets are taken in order
    const ended = server.end()
    await expect.poll(() => Promise.all([isOpen(server.apiUrl), isOpen(server.managementUrl)]), { timeout: 3_000 }).toEqual([false, false])
    expect(await onManagement()).toMatch(/^HTTP\/1.1 200[^]+"code":"ok"/)
    expect(await onProduct()).toMatch(/^HTTP\/1.1 201[^]+"Last"/)
    await ended
    expect((await usageOf(server)).counts).toEqual([
      { operation: 'lists.create', outcome: 'ok', requests: 1 },
      { operation: 'verifier.verify', outcome: 'ok', requests: 1 },
    ])
  } finally {
    await server.stop()
  }
})

test('a node without the product API saves what it verified, and who had no root key', async () => {
  const server = await startTestServer({ LETTERLOCK_ROLES: 'management' })
  try {
    await server.manage('keys.verify', { key: server.liveKey })
    await server.manage('keys.list', {}, { key: 'garbage', query: true })
    const text = await (await fetch(`${server.managementUrl}/metrics`)).text()
    expect(text).toContain('letterlock_requests_total{operation="keys.verify",outcome="ok"} 1')
    expect(text).toMatch(/^letterlock_usage_waiting \d/m)
    await server.end()
    expect(await usageOf(server)).toEqual({
      counts: [{ operation: 'keys.verify', outcome: 'ok', requests: 1 }],
      attempts: [{ reason: 'invalid_key', attempts: 1 }],
    })
  } finally {
    await server.stop()
  }
})
