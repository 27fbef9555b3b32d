import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cluster, startCluster } from '@letterlock/db/cluster'
import { afterEach, expect, test } from 'vitest'
import { createSite, postmasterPid, type ServerProcess, startServerProcess } from './server-process.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const get = async (server: ServerProcess) => {
  const { apiUrl, liveKey } = server.dev()
  const response = await fetch(`${apiUrl}/v1/key`, { headers: { authorization: `Bearer ${liveKey}` } })
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body: (await response.json()) as { code?: string } }
}

test('without its database the server answers 503, and serves again when it is back', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'letterlock-e2e-pg-'))
  const open = (port?: number) => startCluster({ dataDir, log: () => undefined, ...(port && { port }) })
  let cluster: Cluster = await open()
  closers.push(async () => {
    await cluster.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  const site = await createSite({ DATABASE_URL: cluster.connectionString('postgres') })
  closers.push(site.remove)
  const server = await startServerProcess(site)
  closers.push(() => server.kill('SIGTERM'))
  expect((await get(server)).status).toBe(200)

  await cluster.stop()
  // for a second at most the key that is held may still be answered for
  await expect.poll(() => get(server), { timeout: 1_500, interval: 20 }).toMatchObject({ status: 503, retryAfter: '1', body: { code: 'not_fresh' } })
  const { managementUrl } = server.dev()
  expect((await fetch(`${managementUrl}/readyz`)).status).toBe(503)
  expect((await fetch(`${managementUrl}/healthz`)).status).toBe(200)

  cluster = await open(cluster.port)
  await expect.poll(async () => (await get(server)).status, { timeout: 5_000 }).toBe(200)
  await expect.poll(async () => (await fetch(`${managementUrl}/readyz`)).status).toBe(200) // at its next poll it is fresh
  expect(server.output()).not.toContain(server.dev().liveKey.slice(-38))
})

/** Writes without a pause until told to stop; returns how often each status was answered. */
function keepWriting(server: ServerProcess) {
  const { apiUrl, liveKey } = server.dev()
  const headers = { authorization: `Bearer ${liveKey}`, 'content-type': 'application/json' }
  const seen = new Map<number, number>()
  const state = { stopped: false }
  const write = async () => {
    while (!state.stopped) {
      const response = await fetch(`${apiUrl}/v1/lists`, { method: 'POST', headers, body: '{"name":"x"}' })
      await response.text()
      seen.set(response.status, (seen.get(response.status) ?? 0) + 1)
    }
  }
  const writers = Array.from({ length: 10 }, write)
  return { seen, stop: () => ((state.stopped = true), Promise.all(writers)) }
}

test('an embedded PostgreSQL that dies amid transactions is started again under the running server', async () => {
  const site = await createSite()
  closers.push(site.remove)
  const server = await startServerProcess(site)
  closers.push(() => server.kill('SIGTERM'))
  const writing = keepWriting(server)
  for (let kill = 0; kill < 3; kill++) {
    const before = writing.seen.get(201) ?? 0
    await expect.poll(() => writing.seen.get(201) ?? 0, { timeout: 20_000 }).toBeGreaterThan(before + 20)
    process.kill(postmasterPid(site) ?? 0, 'SIGKILL')
  }
  const before = writing.seen.get(201) ?? 0
  await expect.poll(() => writing.seen.get(201) ?? 0, { timeout: 20_000 }).toBeGreaterThan(before + 20)
  await writing.stop()
  expect([...writing.seen.keys()].filter((status) => status !== 201 && status !== 503)).toEqual([])
})
