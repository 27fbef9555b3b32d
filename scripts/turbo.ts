// Runs turbo so that it stays on this machine: no telemetry, no remote cache, no update check, no daemon.
import { runInForeground, runQuietly } from './child-process.mjs'

const quiet = {
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  TURBO_PRINT_VERSION_DISABLED: '1',
  DO_NOT_TRACK: '1',
}
const local = ['--no-update-notifier', '--ui=stream']

/** Which packages run the task (all of them when none is named), whether the cache may answer, what to print. */
export type TaskScope = {
  packages?: string[]
  fresh?: boolean
  /** Without the tasks that this one depends on. */
  only?: boolean
  logs?: 'new-only' | 'errors-only'
}

/** Runs one task, prints only what is new, goes on after a failure; true when all passed. */
export async function runTask(root: string, task: string, scope: TaskScope = {}) {
  const { packages = [], fresh = false, only = false, logs = 'new-only' } = scope
  const filters = packages.map((name) => `--filter=${name}`)
  const cache = fresh ? '--cache=local:w' : '--cache=local:rw'
  const args = ['run', task, ...filters, ...local, cache, '--concurrency=2', '--continue', `--output-logs=${logs}`]
  if (only) args.push('--only')
  const { code } = await runInForeground('turbo', args, { cwd: root, env: { ...process.env, ...quiet } })
  return code === 0
}

/** The packages whose task would be answered from the cache, without running anything. */
export async function cachedPackages(root: string, task: string): Promise<Set<string>> {
  const env = { ...process.env, ...quiet }
  const { stdout } = await runQuietly('turbo', ['run', task, ...local, '--cache=local:rw', '--dry=json'], { cwd: root, env })
  const { tasks } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as {
    tasks: { package: string; task: string; cache: { status: string } }[]
  }
  const hits = tasks.filter((entry) => entry.task === task && entry.cache.status === 'HIT')
  return new Set(hits.map((entry) => entry.package))
}

/** Checks the floors of architecture §3; true when nothing reaches where it must not. */
export async function checkBoundaries(root: string) {
  const { code, output } = await runQuietly('turbo', ['boundaries', '--no-update-notifier'], {
    cwd: root,
    env: { ...process.env, ...quiet, FORCE_COLOR: '0' },
  })
  process.stdout.write(output)
  const files = Number(/Checked (\d+) files/.exec(output)?.[1] ?? 0)
  if (files === 0) console.error('turbo boundaries saw no files')
  return code === 0 && files > 0
}
