import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Binaries } from './binaries.ts'
import { ClusterError } from './cluster-error.ts'
import type { ClusterPaths } from './cluster-paths.ts'
import { endProcess } from './end-process.ts'
import { readPostmasterPid } from './postmaster-pid.ts'
import { type RunAs, commandAs } from './run-as.ts'
import { cleanEnvironment } from './run-to-end.ts'

/** How a PostgreSQL process ended. */
export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** A PostgreSQL that accepts connections. */
export type Postmaster = {
  readonly pid: number
  readonly exited: Promise<Exit>
  readonly stop: () => Promise<void>
}

/** What a start of PostgreSQL needs to know. */
export type PostmasterOptions = {
  readonly binaries: Binaries
  readonly paths: ClusterPaths
  readonly runAs: RunAs | null
  readonly port: number
  readonly durable: boolean
}

const startPatienceMs = 180_000
const logLimitBytes = 16 * 1024 * 1024

/**
 * Starts PostgreSQL and returns when it accepts connections, after a crash recovery if it needs one.
 * It runs in a process group of its own, so that Ctrl-C reaches only us and we drain before it stops,
 * and logs to a file, so that it does not lose its voice when we die.
 * @throws ClusterError `start_failed` or `port_in_use`
 */
export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  const { binaries, paths, runAs } = options
  const program = { file: binaries.postgres, args: argumentsFor(options), directory: paths.postgres }
  const command = commandAs(runAs, program)
  const { log, offset } = openLog(paths.log)
  const child = spawn(command.file, command.args, {
    ...command.as,
    cwd: '/',
    detached: true,
    env: cleanEnvironment,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  let exit: Exit | null = null
  const exited = new Promise<Exit>((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null }))
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  void exited.then((how) => {
    exit = how
  })

  const pid = child.pid ?? 0
  const start = performance.now()
  while (!isReady(paths.postgres, pid)) {
    if (exit) throw explain(paths.log, offset, options)
    if (performance.now() - start > startPatienceMs) {
      await endProcess(pid, () => exit !== null)
      throw explain(paths.log, offset, options)
    }
    await delay(10)
  }
  return { pid, exited, stop: () => endProcess(pid, () => exit !== null) }
}

function argumentsFor({ paths, port, durable }: PostmasterOptions): string[] {
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '128MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    jit: 'off',
    // Errors of statements are the caller's to log; here they would only spread personal data.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return ['-D', paths.postgres, ...flags]
}

function isReady(directory: string, pid: number): boolean {
  const found = readPostmasterPid(directory)
  return found?.pid === pid && found.status === 'ready'
}

function openLog(path: string): { log: number; offset: number } {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size > logLimitBytes) renameSync(path, `${path}.1`)
  return { log: openSync(path, 'a', 0o600), offset: size > logLimitBytes ? 0 : size }
}

function explain(logPath: string, offset: number, { port }: PostmasterOptions): ClusterError {
  const lines = readFileSync(logPath).subarray(offset).toString('utf8').trim().split('\n').slice(-20)
  const details = lines.join('\n')
  if (/could not bind|could not create any TCP\/IP sockets/.test(details)) return portInUse(port, details)
  const reason = lines.findLast((line) => /\b(FATAL|PANIC)\b/.test(line)) ?? lines.at(-1) ?? ''
  const words = reason.replace(/^.*?\b(FATAL|PANIC|LOG|HINT):\s*/, '').replace(/\.?$/, '.')
  return new ClusterError('start_failed', `PostgreSQL did not start: ${words} See ${logPath}.`, { details })
}

/** The error of a port that somebody else listens on. */
export function portInUse(port: number, details = ''): ClusterError {
  const message = `Port ${port} of 127.0.0.1 is in use. Stop who listens there or choose another port.`
  return new ClusterError('port_in_use', message, { details })
}
