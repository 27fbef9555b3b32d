import { createClient } from '@redis/client'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const program = '/usr/bin/redis-server'

/** Debian's redis-server; a test that needs it says so by name where it is not installed. */
export const hasRedis = existsSync(program)

/** A Redis that can be killed and started again, empty, at the same port. */
export interface Redis {
  readonly port: number
  readonly url: string
  readonly start: () => Promise<void>
  readonly kill: () => Promise<void>
  /** Sends a command on a connection of its own. */
  readonly command: (...words: string[]) => Promise<unknown>
}

/** A Redis that is not started yet; it ends, and its files go, when `closers` are disposed. */
export async function makeRedis(closers: AsyncDisposableStack, extra: readonly string[] = []): Promise<Redis> {
  const directory = await mkdtemp(join(tmpdir(), 'letterlock-redis-'))
  const port = await freePort()
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--enable-debug-command', 'local', ...extra]
  let child: ChildProcess | null = null
  const redis: Redis = {
    port,
    url: `redis://127.0.0.1:${port}`,
    async start() {
      child = spawn(program, args, { stdio: 'ignore' })
      await redis.command('PING')
    },
    async kill() {
      const ending = child
      child = null
      if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
      ending.kill('SIGKILL')
      await once(ending, 'exit')
    },
    async command(...words) {
      const client = createClient({ url: redis.url, socket: { reconnectStrategy: 20 } }).on('error', () => undefined)
      await client.connect()
      return client.sendCommand(words).finally(() => client.destroy())
    },
  }
  closers.defer(async () => {
    await redis.kill()
    await rm(directory, { recursive: true, force: true })
  })
  return redis
}

/** A Cluster of three masters with a replica each. */
export async function startRedisCluster(closers: AsyncDisposableStack): Promise<Redis[]> {
  const nodes: Redis[] = []
  for (let i = 0; i < 6; i++) {
    const bus = await freePort()
    const node = await makeRedis(closers, ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000', '--cluster-port', `${bus}`])
    nodes.push(node)
  }
  await Promise.all(nodes.map((node) => node.start()))
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
  await promisify(execFile)('redis-cli', ['--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes'])
  const says = async (node: Redis, words: string[], text: string) => {
    while (!String(await node.command(...words)).includes(text)) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  for (const node of nodes) await says(node, ['CLUSTER', 'INFO'], 'cluster_state:ok')
  for (const replica of nodes.slice(3)) await says(replica, ['INFO', 'replication'], 'master_link_status:up')
  return nodes
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
