import { randomBytes } from 'node:crypto'
import { chownSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import { ClusterError } from './cluster-error.ts'
import { clusterPaths } from './cluster-paths.ts'
import { runToEnd } from './run-to-end.ts'
import { type RunAs, commandAs } from './run-as.ts'

/** The one database role of an embedded cluster. */
export const superuser = 'letterlock'

const stagingPrefix = 'postgres.init-'

/**
 * Makes a new PostgreSQL data directory. It is built beside its place and moved there when whole, so
 * that a crash half-way leaves nothing that a later start would take for a cluster.
 * @throws ClusterError `init_failed` with the words of initdb
 */
export async function initialise(
  dataDir: string,
  options: { readonly binaries: Binaries; readonly runAs: RunAs | null; readonly durable: boolean },
): Promise<void> {
  const { binaries, runAs, durable } = options
  removeUnfinished(dataDir)
  const staging = join(dataDir, `${stagingPrefix}${randomBytes(6).toString('hex')}`)
  const target = join(staging, 'data')
  const password = randomBytes(24).toString('base64url')
  mkdirSync(staging, { mode: 0o700 })
  writeFor(runAs, join(staging, 'password'), password)
  if (runAs) chownSync(staging, runAs.uid, runAs.gid)

  const args = [
    `--pgdata=${target}`,
    `--username=${superuser}`,
    `--pwfile=${join(staging, 'password')}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    ...localeOf(binaries.major),
    '--no-instructions',
    ...(durable ? [] : ['--no-sync']),
  ]
  const result = await runToEnd(commandAs(runAs, { file: binaries.initdb, args, directory: target }))
  if (result.code !== 0) {
    rmSync(staging, { recursive: true, force: true })
    throw new ClusterError(
      'init_failed',
      `PostgreSQL could not create its files in ${dataDir}: ${lastLine(result.output)}. ` +
        'Check free space and the owner of the directory.',
      { details: result.output },
    )
  }
  const paths = clusterPaths(dataDir)
  writeFileSync(paths.password, password, { mode: 0o600 })
  renameSync(target, paths.postgres)
  rmSync(staging, { recursive: true, force: true })
}

/** The same order and case rules on every machine; before PostgreSQL 17 they come from the C library. */
function localeOf(major: number): string[] {
  return major >= 17
    ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    : ['--locale=C.UTF-8']
}

function removeUnfinished(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    if (name.startsWith(stagingPrefix)) rmSync(join(dataDir, name), { recursive: true, force: true })
  }
}

function writeFor(runAs: RunAs | null, path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 })
  if (runAs) chownSync(path, runAs.uid, runAs.gid)
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''
