/**
 * vitest `globalSetup`: one throw-away PostgreSQL for the whole run, with a migrated template database.
 *
 * `LETTERLOCK_TEST_POSTGRES_URL` names a running server to use instead. `provide: { letterlockPostgresBinDir }`
 * in a vitest config runs another installation than the one that npm brought.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import { startCluster } from '../cluster.ts'
import { clusterPaths } from '../cluster/cluster-paths.ts'
import { stopOrphan } from '../cluster/orphan.ts'
import { isAlive } from '../cluster/process-table.ts'
import { migrate } from '../migrate.ts'
import './provided-context.ts'
import { withDatabase } from './with-database.ts'

type Server = { readonly url: string; readonly stop: () => Promise<void> }

const directoryPrefix = 'letterlock-test-'

/** Starts the server and tells the tests where it is; returns what stops it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { letterlockPostgresBinDir: binDir } = project.getProvidedContext()
  const given = process.env.LETTERLOCK_TEST_POSTGRES_URL
  const server = given && !binDir ? { url: given, stop: async () => {} } : await startServer(binDir)
  const template = `template_${randomBytes(8).toString('hex')}`
  try {
    await makeTemplate(server.url, template)
  } catch (error) {
    await server.stop()
    throw error
  }
  project.provide('letterlockPostgres', { url: server.url, template })
  return async () => {
    if (given && !binDir) await execute(server.url, `drop database if exists ${template} with (force)`)
    await server.stop()
  }
}

async function startServer(binDir: string | undefined): Promise<Server> {
  await sweepAbandoned()
  const dataDir = await mkdtemp(join(tmpdir(), `${directoryPrefix}${process.pid}-`))
  const cluster = await startCluster({ dataDir, durable: false, log: () => {}, ...(binDir && { binDir }) })
  return {
    url: cluster.connectionString('postgres'),
    async stop() {
      await cluster.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** Runs that were killed leave a server and its directory behind; the next run puts that right. */
async function sweepAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${directoryPrefix}(\\d+)-`).exec(name)?.[1])
    if (!pid || isAlive(pid)) continue
    const dataDir = join(tmpdir(), name)
    await stopOrphan(clusterPaths(dataDir).postgres)
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function makeTemplate(url: string, template: string): Promise<void> {
  await execute(url, `create database ${template}`)
  await migrate(withDatabase(url, template))
}

async function execute(connectionString: string, statement: string): Promise<void> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
