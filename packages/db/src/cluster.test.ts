import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'
import { type Cluster, type ClusterEvent, startCluster } from './cluster.ts'
import { findBinaries } from './cluster/binaries.ts'
import { stopOrphan } from './cluster/orphan.ts'
import { isPostgresOf, processesIn } from './cluster/process-table.ts'
import './testing/provided-context.ts'

const binDir = inject('letterlockPostgresBinDir')
const fixture = join(import.meta.dirname, 'cluster/owner.fixture.ts')
const isRoot = process.getuid?.() === 0

const root = mkdtempSync(join(tmpdir(), 'cluster-test-'))
chmodSync(root, 0o755)
const pristine = join(root, 'pristine')
let clusters: Cluster[] = []
let owners: ChildProcess[] = []

/** One initdb for all tests: each gets a copy of a cluster that was made and stopped once. */
beforeAll(async () => {
  const cluster = await start(pristine)
  await query(cluster.connectionString('postgres'), 'create table acknowledged (n int primary key)')
  await stopAll()
})
afterEach(stopAll)
afterAll(async () => {
  for (const name of readdirSync(root)) {
    if (existsSync(join(root, name, 'postgres.password'))) await stopOrphan(join(root, name, 'postgres'))
  }
  rmSync(root, { recursive: true, force: true })
})

test('startCluster() makes a UTF-8 cluster that listens on loopback only and asks for its password', async () => {
  const cluster = await start(join(root, 'fresh'))
  const url = cluster.connectionString('postgres')
  const [row] = await query(
    url,
    `select current_setting('server_encoding') as encoding, current_setting('listen_addresses') as listens,
      current_setting('unix_socket_directories') as sockets, current_setting('fsync') as fsync, lower('Ä') as lower`,
  )
  expect(row).toEqual({ encoding: 'UTF8', listens: '127.0.0.1', sockets: '', fsync: 'on', lower: 'ä' })
  await expect(query(url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toMatchObject({ code: '28P01' })
  expect(statSync(join(root, 'fresh')).mode & 0o777).toBe(0o700)
  expect(statSync(join(root, 'fresh/postgres.password')).mode & 0o777).toBe(0o600)
})

test('Cluster.ensureDatabase() creates a database once', async () => {
  const cluster = await start(copyOfPristine())
  await cluster.ensureDatabase('letterlock')
  await cluster.ensureDatabase('letterlock')
  expect(await query(cluster.connectionString('letterlock'), 'select current_database() as name')).toEqual([
    { name: 'letterlock' },
  ])
})

test('Cluster.stop() ends PostgreSQL, keeps the data and gives the directory free', async () => {
  const dataDir = copyOfPristine()
  const first = await start(dataDir)
  await acknowledge(first.connectionString('postgres'), 1)
  await first.stop()
  expect(processesIn(join(dataDir, 'postgres'))).toEqual([])
  expect(locksIn(dataDir)).toEqual([])
  const second = await start(dataDir)
  expect(await acknowledged(second)).toEqual([1])
})

test('startCluster() refuses a second owner, in another process and in this one', async () => {
  const dataDir = copyOfPristine()
  const cluster = await start(dataDir)
  await expect(start(dataDir)).rejects.toMatchObject({ code: 'data_dir_in_use' })
  const other = await own(dataDir)
  expect(other).toMatchObject({ event: 'refused', name: 'ClusterError', code: 'data_dir_in_use' })
  expect(other.message).toContain(`process ${process.pid}`)
  await query(cluster.connectionString('postgres'), 'select 1')
})

test('startCluster() stops the orphan of a killed owner and has all acknowledged data', async () => {
  const dataDir = copyOfPristine()
  const url = await ownAndKill(dataDir, [1, 2, 3])
  expect(await acknowledgeQuietly(url, 4)).toBe(true) // the orphan still answers
  const [orphan] = readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')
  const events: ClusterEvent[] = []
  const cluster = await start(dataDir, { log: (event) => events.push(event) })
  expect(events).toContainEqual({ event: 'orphan_stopped', pid: Number(orphan) })
  expect(isPostgresOf(Number(orphan), join(dataDir, 'postgres'))).toBe(false)
  expect(await acknowledged(cluster)).toEqual([1, 2, 3, 4])
  expect(locksIn(dataDir)).toHaveLength(1)
})

test('startCluster() recovers when owner and PostgreSQL were killed, a busy session included', async () => {
  const dataDir = copyOfPristine()
  const postgres = join(dataDir, 'postgres')
  const owner = spawnOwner(dataDir)
  const { url } = await lineOf(owner, ['owned'])
  await acknowledge(url, 1, 2, 3)
  const busy = query(url, 'select count(*) from generate_series(1, 1e12)').catch(() => 'lost')
  await expect.poll(async () => (await query(url, "select 1 from pg_stat_activity where query like '%1e12%'")).length).toBe(2)
  const postmaster = postmasterIn(postgres)
  await kill(owner)
  process.kill(postmaster, 'SIGKILL')
  const cluster = await start(dataDir)
  expect(await busy).toBe('lost')
  expect(await acknowledged(cluster)).toEqual([1, 2, 3])
})

test('startCluster() is not blocked by a postmaster.pid that names a dead process or a stranger', async () => {
  const dataDir = copyOfPristine()
  for (const pid of [process.pid, 4_194_303]) {
    writeFileSync(join(dataDir, 'postgres/postmaster.pid'), `${pid}\n${dataDir}/postgres\n1700000000\n5432\n\n127.0.0.1\n`)
    const cluster = await start(dataDir)
    await cluster.stop()
  }
})

test('a cluster whose PostgreSQL is killed comes back on the same port with its data', async () => {
  const dataDir = copyOfPristine()
  const events: ClusterEvent[] = []
  const cluster = await start(dataDir, { log: (event) => events.push(event) })
  const url = cluster.connectionString('postgres')
  await acknowledge(url, 7)
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const exit = new Promise((resolve) => cluster.onExit(resolve))
    process.kill(postmasterIn(join(dataDir, 'postgres')), signal)
    await exit
    await expect.poll(() => query(url, 'select n from acknowledged'), { timeout: 10_000 }).toEqual([{ n: 7 }])
  }
  expect(events.filter(({ event }) => event === 'exited')).toHaveLength(2)
  expect(events.filter(({ event }) => event === 'started')).toHaveLength(3)
})

test('Cluster.stop() during a restart ends for good', async () => {
  const dataDir = copyOfPristine()
  const cluster = await start(dataDir)
  const exit = new Promise((resolve) => cluster.onExit(resolve))
  process.kill(postmasterIn(join(dataDir, 'postgres')), 'SIGKILL')
  await exit
  await cluster.stop()
  expect(processesIn(join(dataDir, 'postgres'))).toEqual([])
  expect(locksIn(dataDir)).toEqual([])
})

test('PostgreSQL is in a process group of its own, out of reach of Ctrl-C', async () => {
  const dataDir = copyOfPristine()
  await start(dataDir)
  const pid = postmasterIn(join(dataDir, 'postgres'))
  expect(execFileSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' }).trim()).toBe(String(pid))
})

test('startCluster() listens on the port it is given and names it when it is taken', async () => {
  const stranger = createServer()
  stranger.listen(0, '127.0.0.1')
  await once(stranger, 'listening')
  const { port } = stranger.address() as { port: number }
  const dataDir = copyOfPristine()
  await expect(start(dataDir, { port })).rejects.toMatchObject({
    code: 'port_in_use',
    message: expect.stringContaining(`Port ${port} `),
  })
  stranger.close()
  await once(stranger, 'close')
  expect((await start(dataDir, { port })).port).toBe(port)
})

test('startCluster() says in one line that a directory cannot be written', async () => {
  writeFileSync(join(root, 'file'), '')
  const attempt = start(join(root, 'file', 'data'))
  await expect(attempt).rejects.toMatchObject({ code: 'data_dir_unwritable' })
  await expect(attempt).rejects.toThrow(/^The data directory .*file\/data cannot be written .*LETTERLOCK_DATA_DIR\.$/)
})

test.runIf(isRoot)('startCluster() by a user who may not write the directory is data_dir_unwritable', async () => {
  const foreign = join(root, 'foreign')
  mkdirSync(foreign, { mode: 0o755 })
  expect(await own(foreign, { uid: 65534 })).toMatchObject({ event: 'refused', code: 'data_dir_unwritable' })
  const made = copyOfPristine()
  chmodSync(made, 0o777)
  expect(await own(made, { uid: 65534 })).toMatchObject({ event: 'refused', code: 'data_dir_unwritable' })
})

test.runIf(isRoot)('startCluster() runs as the user who started it when that is not root', async () => {
  const dataDir = join(root, 'of-nobody')
  mkdirSync(dataDir, { mode: 0o700 })
  execFileSync('chown', ['65534:65534', dataDir])
  expect(await own(dataDir, { uid: 65534 })).toMatchObject({ event: 'owned' })
  expect(statSync(`/proc/${postmasterIn(join(dataDir, 'postgres'))}`).uid).toBe(65534)
})

test('startCluster() passes on why initdb failed', async () => {
  const broken = join(root, 'broken-bin')
  mkdirSync(broken)
  symlinkSync(findBinaries(binDir).postgres, join(broken, 'postgres'))
  writeFileSync(join(broken, 'initdb'), '#!/bin/sh\necho "initdb: error: no space left" >&2\nexit 1\n', { mode: 0o755 })
  const dataDir = join(root, 'never-made')
  await expect(start(dataDir, { binDir: broken })).rejects.toMatchObject({
    code: 'init_failed',
    message: expect.stringContaining('no space left'),
  })
  expect(readdirSync(dataDir)).toEqual([])
})

test('startCluster() passes on why PostgreSQL did not start', async () => {
  const dataDir = copyOfPristine()
  writeFileSync(join(dataDir, 'postgres/PG_VERSION'), '9.6\n')
  await expect(start(dataDir)).rejects.toMatchObject({
    code: 'start_failed',
    message: expect.stringMatching(/^PostgreSQL did not start: .*incompatible.* See .*postgres\.log\.$/),
    details: expect.stringContaining('FATAL'),
  })
  expect(locksIn(dataDir)).toEqual([])
})

test('startCluster() begins anew after an initdb that was cut off', async () => {
  const dataDir = join(root, 'cut-off')
  mkdirSync(join(dataDir, 'postgres.init-0123456789ab/data'), { recursive: true })
  writeFileSync(join(dataDir, 'postgres.init-0123456789ab/data/PG_VERSION'), '18\n')
  const cluster = await start(dataDir)
  await query(cluster.connectionString('postgres'), 'select 1')
  expect(readdirSync(dataDir).filter((name) => name.includes('init'))).toEqual([])
})

test.runIf(isRoot)('as root, PostgreSQL runs as another user below directories that only root may enter', async () => {
  const closed = mkdtempSync(join(tmpdir(), 'closed-')) // 0700, as mktemp makes it
  try {
    const bin = binDir ?? copyOfBinaries(closed)
    const dataDir = join(closed, 'clone', '.letterlock')
    mkdirSync(join(closed, 'clone'), { mode: 0o700 })
    const cluster = await start(dataDir, { binDir: bin })
    const postmaster = postmasterIn(join(dataDir, 'postgres'))
    expect(statSync(`/proc/${postmaster}`).uid).not.toBe(0)
    expect(readFileSync(`/proc/${postmaster}/cmdline`, 'utf8')).toContain(bin)
    expect(statSync(dataDir).uid).toBe(0)
    await query(cluster.connectionString('postgres'), 'create table t as select 1 as n')
    process.kill(postmaster, 'SIGKILL')
    await expect
      .poll(() => query(cluster.connectionString('postgres'), 'select n from t'), { timeout: 10_000 })
      .toEqual([{ n: 1 }])
    await cluster.stop()
  } finally {
    await stopAll()
    rmSync(closed, { recursive: true, force: true })
  }
})

test.runIf(isRoot)('as root, startCluster() takes a cluster that was copied by root', async () => {
  const dataDir = join(root, 'copied-by-root')
  cpSync(pristine, dataDir, { recursive: true })
  expect(statSync(join(dataDir, 'postgres')).uid).toBe(0)
  expect(await acknowledged(await start(dataDir))).toEqual([])
})

async function start(dataDir: string, options: Partial<Parameters<typeof startCluster>[0]> = {}): Promise<Cluster> {
  const cluster = await startCluster({ dataDir, log: () => {}, ...(binDir && { binDir }), ...options })
  clusters.push(cluster)
  return cluster
}

async function stopAll(): Promise<void> {
  for (const owner of owners) if (owner.exitCode === null && owner.signalCode === null) await end(owner)
  for (const cluster of clusters) await cluster.stop()
  owners = []
  clusters = []
}

function copyOfPristine(): string {
  const dataDir = mkdtempSync(join(root, 'data-'))
  execFileSync('cp', ['-a', `${pristine}/.`, dataDir])
  return dataDir
}

function copyOfBinaries(parent: string): string {
  const installation = join(parent, 'native')
  execFileSync('cp', ['-a', dirname(dirname(findBinaries().postgres)), installation])
  return join(installation, 'bin')
}

function spawnOwner(dataDir: string, as: { uid?: number } = {}): ChildProcess {
  const owner = spawn(process.execPath, [fixture, dataDir, ...(binDir ? [binDir] : [])], {
    ...as,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  owners.push(owner)
  return owner
}

type Line = { event: string; url: string; code: string; message: string }

async function lineOf(owner: ChildProcess, events: string[]): Promise<Line> {
  if (!owner.stdout) throw new Error('the owner has no output')
  for await (const text of createInterface({ input: owner.stdout })) {
    const line: Line = JSON.parse(text)
    if (events.includes(line.event)) return line
  }
  throw new Error(`the owner never said ${events.join(' or ')}`)
}

const own = (dataDir: string, as: { uid?: number } = {}): Promise<Line> =>
  lineOf(spawnOwner(dataDir, as), ['owned', 'refused'])

async function ownAndKill(dataDir: string, numbers: number[]): Promise<string> {
  const owner = spawnOwner(dataDir)
  const { url } = await lineOf(owner, ['owned', 'refused'])
  await acknowledge(url, ...numbers)
  await kill(owner)
  return url
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

async function query(connectionString: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query(text)).rows
  } finally {
    await client.end().catch(() => {})
  }
}

async function acknowledge(url: string, ...numbers: number[]): Promise<void> {
  for (const n of numbers) await query(url, `insert into acknowledged values (${n})`)
}

const acknowledgeQuietly = (url: string, n: number): Promise<boolean> =>
  acknowledge(url, n).then(() => true, () => false)

async function acknowledged(cluster: Cluster): Promise<unknown[]> {
  const rows = await query(cluster.connectionString('postgres'), 'select n from acknowledged order by n')
  return rows.map(({ n }) => n)
}

const locksIn = (dataDir: string): string[] => readdirSync(dataDir).filter((name) => name.endsWith('.lock'))

function postmasterIn(postgres: string): number {
  expect(existsSync(join(postgres, 'postmaster.pid'))).toBe(true)
  return Number(readFileSync(join(postgres, 'postmaster.pid'), 'utf8').split('\n')[0])
}
