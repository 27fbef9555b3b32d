// A server as `npm start` runs it, in a process of its own that can be killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../../apps/server/src/main.ts', import.meta.url))

export interface Dev {
  readonly apiUrl: string
  readonly managementUrl: string
  readonly mailboxUrl: string
  readonly workspaceId: string
  readonly rootKey: string
  readonly liveKey: string
  readonly testKey: string
}

/** Where a server lives: a data directory and ports that stay the same over its restarts. */
export interface Site {
  readonly dataDir: string
  readonly environment: Record<string, string>
  readonly remove: () => void
}

export async function createSite(environment: Record<string, string> = {}): Promise<Site> {
  const dataDir = mkdtempSync(join(tmpdir(), 'letterlock-e2e-'))
  const [api, management, smtp] = await freePorts(3)
  return {
    dataDir,
    environment: {
      LETTERLOCK_DATA_DIR: dataDir, LETTERLOCK_API_PORT: String(api), LETTERLOCK_MANAGEMENT_PORT: String(management),
      LETTERLOCK_SMTP_PORT: String(smtp), ...environment,
    },
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  }
}

export interface ServerProcess {
  readonly pid: number
  readonly dev: () => Dev
  readonly output: () => string
  readonly exited: Promise<number | null>
  readonly kill: (signal: NodeJS.Signals) => Promise<void>
  /** Closes our end of its output, as a terminal that is gone does. */
  readonly deafen: () => void
}

/** Starts a server and waits until it is ready; rejects with its output when it ends before. */
export async function startServerProcess(site: Site): Promise<ServerProcess> {
  const server = spawnServer(site)
  const deadline = AbortSignal.timeout(60_000)
  while (!server.output().includes('Letterlock is ready')) {
    const ended = await Promise.race([server.exited.then(() => true), delay(20)])
    if (ended === true || deadline.aborted) throw new Error(`the server did not become ready:\n${server.output()}`)
  }
  return server
}

/** Starts a server that is expected to fail; returns its exit code and what it said. */
export async function runToExit(site: Site): Promise<{ code: number | null; output: string }> {
  const server = spawnServer(site)
  const code = await server.exited
  return { code, output: server.output() }
}

function spawnServer(site: Site): ServerProcess {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...site.environment }
  const child: ChildProcess = spawn(process.execPath, [main], { env, cwd: site.dataDir, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => void (output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => void (output += chunk.toString()))
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  return {
    pid: child.pid ?? 0,
    dev: () => JSON.parse(readFileSync(join(site.dataDir, 'dev.json'), 'utf8')) as Dev,
    output: () => output,
    exited,
    deafen: () => {
      child.stdout?.destroy()
      child.stderr?.destroy()
    },
    kill: async (signal) => {
      child.kill(signal)
      await exited
    },
  }
}

/** The process id of the embedded PostgreSQL of a site, if it is there. */
export function postmasterPid(site: Site): number | null {
  try {
    return Number(readFileSync(join(site.dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])
  } catch {
    return null
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }))
  return Promise.all(servers.map(async (server) => {
    const address = server.address()
    server.close()
    await once(server, 'close')
    return typeof address === 'object' && address ? address.port : 0
  }))
}
