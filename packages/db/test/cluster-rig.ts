/** Clusters and owners that end with the test, and copies of a cluster that was made once. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest'
import { findBinaries } from '../src/cluster/binaries.ts'
import { stopOrphan } from '../src/cluster/orphan.ts'
import { type Cluster, type StartClusterOptions, startCluster } from '../src/cluster.ts'
import '../src/testing/provided-context.ts'

/** The installation this project tests; absent, the one that npm brought. */
export const binDir = inject('letterlockPostgresBinDir')

/** A directory for the tests of one file; any user may enter it. */
export const root = join(tmpdir(), `cluster-test-${randomBytes(6).toString('hex')}`)

/** A cluster that was made and stopped once; tests take copies, so that initdb runs once. */
export const pristine = join(root, 'pristine')

const program = join(import.meta.dirname, 'owner.ts')
const repository = join(import.meta.dirname, '../../..')
let clusters: Cluster[] = []
let owners: ChildProcess[] = []

beforeAll(async () => {
  mkdirSync(root, { mode: 0o755 })
  const cluster = await start(pristine, { durable: false })
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

export async function start(dataDir: string, options: Partial<StartClusterOptions> = {}): Promise<Cluster> {
  const cluster = await startCluster({ dataDir, log: () => {}, ...(binDir && { binDir }), ...options })
  clusters.push(cluster)
  return cluster
}

export async function stopAll(): Promise<void> {
  for (const owner of owners) if (owner.exitCode === null && owner.signalCode === null) await end(owner)
  for (const cluster of clusters) await cluster.stop()
  owners = []
  clusters = []
}

export function copyOfPristine(): string {
  const dataDir = mkdtempSync(join(root, 'data-'))
  execFileSync('cp', ['-a', `${pristine}/.`, dataDir])
  return dataDir
}

export function copyOfBinaries(parent: string): string {
  const installation = join(parent, 'native')
  execFileSync('cp', ['-a', dirname(dirname(findBinaries().postgres)), installation])
  return join(installation, 'bin')
}

export function spawnOwner(dataDir: string, as: { uid?: number } = {}): ChildProcess {
  const command = [process.execPath, program, dataDir, ...(binDir ? [binDir] : [])]
  const [file = '', ...args] = as.uid === undefined || isOpenToAll(repository) ? command : openedUp(command, as.uid)
  const identity = file === command[0] ? as : {}
  const owner = spawn(file, args, { ...identity, stdio: ['ignore', 'pipe', 'inherit'] })
  owners.push(owner)
  return owner
}

function isOpenToAll(directory: string): boolean {
  const isOpen = (statSync(directory).mode & 0o001) !== 0
  return isOpen && (dirname(directory) === directory || isOpenToAll(dirname(directory)))
}

/**
 * Another user cannot enter a checkout below a closed directory, such as root's. He gets a view of it at an open place,
 * in a mount namespace of his own, which ends with him.
 */
function openedUp(command: string[], uid: number): string[] {
  const view = join(root, 'view')
  mkdirSync(view, { recursive: true, mode: 0o755 })
  const script = `mount --bind "$1" "$2" && shift 2 && exec setpriv --reuid=${uid} --regid=${uid} --clear-groups "$@"`
  const seen = command.map((word) => word.replace(repository, view))
  return ['unshare', '--mount', 'sh', '-c', script, 'sh', repository, view, ...seen]
}

/** One line of `owner.ts`. */
export type Line = { event: string; url: string; code: string; message: string }

export async function lineOf(owner: ChildProcess, events: string[]): Promise<Line> {
  if (!owner.stdout) throw new Error('the owner has no output')
  for await (const text of createInterface({ input: owner.stdout })) {
    const line: Line = JSON.parse(text)
    if (events.includes(line.event)) return line
  }
  throw new Error(`the owner never said ${events.join(' or ')}`)
}

export const own = (dataDir: string, as: { uid?: number } = {}): Promise<Line> =>
  lineOf(spawnOwner(dataDir, as), ['owned', 'refused'])

export async function ownAndKill(dataDir: string, numbers: number[]): Promise<string> {
  const owner = spawnOwner(dataDir)
  const { url } = await lineOf(owner, ['owned', 'refused'])
  await acknowledge(url, ...numbers)
  await kill(owner)
  return url
}

export async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

export async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

export async function query(connectionString: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query(text)).rows
  } finally {
    await client.end().catch(() => {})
  }
}

export async function acknowledge(url: string, ...numbers: number[]): Promise<void> {
  for (const n of numbers) await query(url, `insert into acknowledged values (${n})`)
}

export const acknowledgeQuietly = (url: string, n: number): Promise<boolean> =>
  acknowledge(url, n).then(() => true, () => false)

export async function acknowledged(cluster: Cluster): Promise<unknown[]> {
  const rows = await query(cluster.connectionString('postgres'), 'select n from acknowledged order by n')
  return rows.map(({ n }) => n)
}

export const locksIn = (dataDir: string): string[] =>
  readdirSync(dataDir).filter((name) => name.endsWith('.lock'))

export function postmasterIn(postgres: string): number {
  expect(existsSync(join(postgres, 'postmaster.pid'))).toBe(true)
  return Number(readFileSync(join(postgres, 'postmaster.pid'), 'utf8').split('\n')[0])
}
