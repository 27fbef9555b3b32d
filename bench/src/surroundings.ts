// What a benchmark runs beside itself, and that it is gone afterwards, however the run ends.
import { createSite, postmasterPid, type ServerProcess, type Site, startServerProcess } from '@letterlock/e2e/server-process'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { withChildren } from './cpu-time.ts'

/** Runs a benchmark; what it deferred to the stack is undone at its end, a failure or Ctrl-C included. */
export async function withSurroundings(benchmark: (closers: AsyncDisposableStack) => Promise<void>): Promise<void> {
  await using closers = new AsyncDisposableStack()
  const interrupted = () => void closers.disposeAsync().finally(() => process.exit(130))
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  closers.defer(() => void process.off('SIGINT', interrupted).off('SIGTERM', interrupted))
  await benchmark(closers)
}

/** The platform as `npm start` runs it, in a directory of its own. */
export interface Platform {
  readonly server: ServerProcess
  readonly serverPids: () => number[]
  readonly postgresPids: () => number[]
}

export async function startPlatform(
  closers: AsyncDisposableStack, { site: given, environment = {} }: { site?: Site; environment?: Record<string, string> } = {},
): Promise<Platform> {
  const site = given ?? (await createSite(environment))
  if (!given) closers.defer(site.remove)
  const server = await startServerProcess(site)
  closers.defer(() => server.kill('SIGTERM'))
  return { server, serverPids: () => [server.pid], postgresPids: () => postgresPids(site) }
}

function postgresPids(site: Site): number[] {
  const postmaster = postmasterPid(site)
  return postmaster === null ? [] : withChildren(postmaster)
}

/** Starts a program of `peers/` in a process of its own and waits for its first message. */
export async function startPeer<T>(closers: AsyncDisposableStack, name: string): Promise<{ child: ChildProcess; pid: number; ready: T }> {
  const child = fork(new URL(`./peers/${name}.ts`, import.meta.url), { execArgv: [] })
  closers.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${name} ended with ${String(code)} before it was ready`)))
  ended.catch(() => undefined) // it ends after that too, killed by us
  const [ready] = (await Promise.race([once(child, 'message'), ended])) as [T]
  return { child, pid: child.pid ?? 0, ready }
}
