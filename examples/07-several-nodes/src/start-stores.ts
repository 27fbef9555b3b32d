// What the nodes share. In production these are your PostgreSQL and your Redis.
import { startCluster } from '@letterlock/db/cluster'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Starts a PostgreSQL with throw-away data; returns its URL. */
export async function startPostgres(closers: AsyncDisposableStack): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'letterlock-example-'))
  closers.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  const cluster = await startCluster({ dataDir, durable: false, log: () => undefined })
  closers.defer(() => cluster.stop())
  await cluster.ensureDatabase('letterlock')
  return cluster.connectionString('letterlock')
}

/** Starts a Redis that keeps nothing; returns its URL, null where `redis-server` is not installed. */
export async function startRedis(closers: AsyncDisposableStack): Promise<string | null> {
  if (spawnSync('redis-server', ['--version']).status !== 0) return null
  const port = await freePort()
  const child = spawn('redis-server', ['--bind', '127.0.0.1', '--port', String(port), '--save', ''], { stdio: ['ignore', 'pipe', 'inherit'], cwd: tmpdir() })
  const ended = once(child, 'exit')
  closers.defer(async () => {
    child.kill('SIGTERM')
    await ended
  })
  for (let said = ''; !said.includes('Ready to accept connections'); ) {
    const [chunk] = (await Promise.race([once(child.stdout, 'data'), ended])) as [Buffer | number | null]
    if (!Buffer.isBuffer(chunk)) throw new Error(`redis-server did not start:\n${said}`)
    said += chunk.toString()
  }
  child.stdout.resume()
  return `redis://127.0.0.1:${port}`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
