// Letterlock as it runs on several machines: processes of their own on one PostgreSQL, each behind a wire that can fail.
import { type Cluster, startCluster } from '@letterlock/db/cluster'
import { type FakeGithub, startFakeGithub } from '@letterlock/server/fake-github'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSite, type ServerProcess, startServerProcess } from '../server-process.ts'
import { ManagementClient } from './management-client.ts'
import { startWire, type Wire } from './wire.ts'

export interface RunningNode {
  readonly name: string
  /** `api`, `management,jobs`, … */
  readonly roles: string
  readonly pid: number
  readonly apiPort: number
  readonly managementPort: number
  /** Its way to PostgreSQL. */
  readonly wire: Wire
  readonly output: () => string
  /** Stops the process where it is, as a suspended machine does. */
  readonly pause: () => void
  readonly resume: () => void
  /** Ends it at once, as a power cut does. */
  readonly kill: () => Promise<void>
}

export interface Nodes {
  readonly api: readonly RunningNode[]
  /** The one that manages and does the jobs. */
  readonly control: RunningNode
  readonly management: ManagementClient
  /** With all root scopes. */
  readonly rootKey: string
  readonly database: RestartableDatabase
  /** Tells the nodes of leaks. */
  readonly github: FakeGithub
}

export interface NodesOptions {
  /** Of each node that serves the product API; three with `api` alone when absent. */
  readonly apiRoles?: readonly string[]
  /** For all nodes. */
  readonly environment?: Record<string, string>
  /** False where PostgreSQL is not made to fail: nothing is forced to disk. Default true. */
  readonly durable?: boolean
}

/** Starts the nodes; the first, which manages, brings the schema up to date before the others come. */
export async function startNodes(closers: AsyncDisposableStack, options: NodesOptions = {}): Promise<Nodes> {
  const { apiRoles = ['api', 'api', 'api'], environment = {}, durable = true } = options
  const database = await startDatabase(closers, durable)
  const github = await startFakeGithub()
  closers.defer(async () => void (await github.stop()))
  const shared = {
    LETTERLOCK_ENV: 'production', LETTERLOCK_PUBLIC_URL: 'https://letterlock.example', LETTERLOCK_LOG_LEVEL: 'warn',
    LETTERLOCK_GITHUB_KEYS_URL: github.url, LETTERLOCK_PEPPERS: `v1:${randomBytes(32).toString('base64')}`, ...environment,
  }
  const start = (name: string, roles: string) => startNode(closers, { name, roles, database, environment: shared })
  const control = await start('control', 'management,jobs')
  const api = await Promise.all(apiRoles.map((roles, index) => start(`node ${index + 1}`, roles)))
  const { rootKey } = JSON.parse(readFileSync(join(control.dataDir, 'root-key.json'), 'utf8')) as { rootKey: string }
  const management = new ManagementClient(control.managementPort, rootKey)
  closers.defer(() => management.close())
  return { api, control, management, rootKey, database, github }
}

interface NodeWish {
  readonly name: string
  readonly roles: string
  readonly database: RestartableDatabase
  readonly environment: Record<string, string>
}

async function startNode(closers: AsyncDisposableStack, wish: NodeWish): Promise<RunningNode & { dataDir: string }> {
  const { name, roles, database } = wish
  const wire = await startWire(database.port)
  closers.defer(() => wire.stop())
  const url = database.connectionString.replace(`:${database.port}/`, `:${wire.port}/`)
  const site = await createSite({ ...wish.environment, LETTERLOCK_ROLES: roles, DATABASE_URL: url, DATABASE_DIRECT_URL: url })
  closers.defer(site.remove)
  const server = await startServerProcess(site)
  closers.defer(() => endSurely(server))
  return {
    name, roles, wire, pid: server.pid, dataDir: site.dataDir,
    apiPort: Number(site.environment['LETTERLOCK_API_PORT']),
    managementPort: Number(site.environment['LETTERLOCK_MANAGEMENT_PORT']),
    output: server.output,
    pause: () => void process.kill(server.pid, 'SIGSTOP'),
    resume: () => void process.kill(server.pid, 'SIGCONT'),
    kill: () => server.kill('SIGKILL'),
  }
}

/** Politely, and after five seconds not so: a node may be stopped or cut off when a proof fails. */
async function endSurely(server: ServerProcess): Promise<void> {
  const timer = setTimeout(() => void server.kill('SIGKILL'), 5_000)
  try {
    process.kill(server.pid, 'SIGCONT')
    await server.kill('SIGTERM')
  } catch {
    // it has ended before
  } finally {
    clearTimeout(timer)
  }
}

export interface RestartableDatabase {
  readonly port: number
  readonly connectionString: string
  /** Ends PostgreSQL without a checkpoint, every session at once (an immediate shutdown). */
  readonly stopAtOnce: () => Promise<void>
  /** Starts it again on the same port; returns when it takes connections. */
  readonly start: () => Promise<void>
}

async function startDatabase(closers: AsyncDisposableStack, durable: boolean): Promise<RestartableDatabase> {
  const dataDir = mkdtempSync(join(tmpdir(), 'letterlock-nodes-pg-'))
  closers.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  const open = (port = 0) => startCluster({ dataDir, port, durable, log: () => undefined })
  let cluster: Cluster = await open()
  closers.defer(() => cluster.stop())
  const { port } = cluster
  await cluster.ensureDatabase('letterlock')
  return {
    port,
    connectionString: cluster.connectionString('letterlock'),
    stopAtOnce() {
      const [pid] = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')
      process.kill(Number(pid), 'SIGQUIT')
      return cluster.stop()
    },
    start: async () => void (cluster = await open(port)),
  }
}
