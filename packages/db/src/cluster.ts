/**
 * Owns a real PostgreSQL in a directory: makes it, starts it, keeps it running, stops it. One owner per
 * directory; what a killed owner left behind is found and put in order at the next start.
 */
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { Client } from 'pg'
import { findBinaries } from './cluster/binaries.ts'
import { ClusterError } from './cluster/cluster-error.ts'
import type { LogClusterEvent } from './cluster/cluster-event.ts'
import { clusterPaths } from './cluster/cluster-paths.ts'
import { findFreePort } from './cluster/free-port.ts'
import { initialise, superuser } from './cluster/initialise.ts'
import { stopOrphan } from './cluster/orphan.ts'
import { acquireOwnerLock } from './cluster/owner-lock.ts'
import { type Exit, type Postmaster, portInUse, startPostmaster } from './cluster/postmaster.ts'
import { chooseRunAs, giveTo } from './cluster/run-as.ts'
import { supervise } from './cluster/supervise.ts'

export { ClusterError, type ClusterErrorCode } from './cluster/cluster-error.ts'
export type { ClusterEvent, LogClusterEvent } from './cluster/cluster-event.ts'
export type { Exit } from './cluster/postmaster.ts'

/** A running PostgreSQL that this process owns. */
export type Cluster = {
  /** The port on 127.0.0.1; the same for the life of the cluster. */
  readonly port: number
  /** The URL, password included, of a database in the cluster; `postgres` always exists. */
  readonly connectionString: (database: string) => string
  /** Creates the database when it is not there yet. */
  readonly ensureDatabase: (database: string) => Promise<void>
  /** Calls back when PostgreSQL ended by itself and before it is started again; returns what unsubscribes. */
  readonly onExit: (listener: (exit: Exit) => void) => () => void
  /** Stops PostgreSQL cleanly and gives the directory free. */
  readonly stop: () => Promise<void>
}

/** Where and how to run PostgreSQL. */
export type StartClusterOptions = {
  /** Created with mode 0700 when absent; holds `postgres/`, its password, its log and the owner lock. */
  readonly dataDir: string
  /** The port on 127.0.0.1; absent or 0: a free one. */
  readonly port?: number
  /** A directory with `initdb` and `postgres`; absent: those that npm brought. */
  readonly binDir?: string
  /** False only for throw-away data: nothing is forced to disk. Default true. */
  readonly durable?: boolean
  readonly log: LogClusterEvent
}

/**
 * Starts the PostgreSQL of a data directory, makes it first when there is none, and keeps it running.
 * @throws ClusterError whose message is one line for the person who started us
 */
export async function startCluster(options: StartClusterOptions): Promise<Cluster> {
  const { log, durable = true } = options
  const dataDir = openDataDir(options.dataDir)
  const release = await acquireOwnerLock(dataDir)
  try {
    const binaries = findBinaries(options.binDir)
    const paths = clusterPaths(dataDir)
    const runAs = chooseRunAs(paths.postgres)
    if (existsSync(paths.postgres)) await takeOver(paths.postgres, log)
    else {
      const start = performance.now()
      await initialise(dataDir, { binaries, runAs, durable })
      log({ event: 'initialised', durationMs: since(start) })
    }
    giveTo(runAs, paths.postgres)
    chmodSync(paths.postgres, 0o700)

    const launch = async (port: number): Promise<Postmaster> => {
      const start = performance.now()
      const postmaster = await startPostmaster({ binaries, paths, runAs, port, durable })
      log({ event: 'started', pid: postmaster.pid, port, durationMs: since(start) })
      return postmaster
    }
    const { postmaster, port } = await launchOnPort(options.port ?? 0, launch)
    const supervisor = supervise(postmaster, {
      log,
      launch: async () => {
        await takeOver(paths.postgres, log)
        return launch(port)
      },
    })
    const password = readFileSync(paths.password, 'utf8').trim()
    const connectionString = (database: string): string =>
      `postgres://${superuser}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`
    return {
      port,
      connectionString,
      ensureDatabase: (database) => ensureDatabase(connectionString('postgres'), database),
      onExit: supervisor.onExit,
      async stop() {
        await supervisor.stop()
        await stopOrphan(paths.postgres) // the sessions of a PostgreSQL that died just before the stop
        release()
        log({ event: 'stopped' })
      },
    }
  } catch (error) {
    release()
    throw error
  }
}

function openDataDir(path: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw unwritable(path, (cause as Error).message, cause)
  }
  const { postgres } = clusterPaths(path)
  const owner = statSync(postgres, { throwIfNoEntry: false })?.uid
  const me = process.getuid?.()
  if (me && owner !== undefined && owner !== me) throw unwritable(postgres, `it belongs to uid ${owner}`)
  return realpathSync(path)
}

function unwritable(path: string, reason: string, cause?: unknown): ClusterError {
  return new ClusterError(
    'data_dir_unwritable',
    `The data directory ${path} cannot be written (${reason}). ` +
      'Make it writable for this user or choose another with LETTERLOCK_DATA_DIR.',
    { cause },
  )
}

async function takeOver(directory: string, log: LogClusterEvent): Promise<void> {
  const pid = await stopOrphan(directory)
  if (pid !== null) log({ event: 'orphan_stopped', pid })
}

/** A free port may be taken between our look and PostgreSQL's bind; then another one is looked for. */
async function launchOnPort(
  wanted: number,
  launch: (port: number) => Promise<Postmaster>,
): Promise<{ postmaster: Postmaster; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await findFreePort(wanted)
    if (port === null) throw portInUse(wanted)
    try {
      return { postmaster: await launch(port), port }
    } catch (error) {
      const taken = error instanceof ClusterError && error.code === 'port_in_use'
      if (!taken || wanted !== 0 || attempt === 5) throw error
    }
  }
}

async function ensureDatabase(connectionString: string, database: string): Promise<void> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [database])
    if (!rowCount) await client.query(`create database ${client.escapeIdentifier(database)}`)
  } finally {
    await client.end()
  }
}

const since = (start: number): number => Math.round(performance.now() - start)
