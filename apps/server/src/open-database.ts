import { connect, type Db, migrate } from '@letterlock/db'
import { startCluster } from '@letterlock/db/cluster'
import type { Config } from './config.ts'
import { isOutage } from './http/database-failure.ts'
import type { Log } from './log.ts'

/** The database cannot be used; the message says what to do and never holds a password. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
}

/** Pools on the primary: requests and jobs do not wait for each other's connections. */
export interface Database {
  /** For requests. */
  readonly db: Db
  /** For jobs, such as sending. */
  readonly jobsDb: Db
  /** Straight to the primary, past any pooler. */
  readonly directUrl: string
}

/** Starts or reaches PostgreSQL, brings its schema up to date and opens the pools. */
export async function openDatabase(config: Config, closers: AsyncDisposableStack, log: Log): Promise<Database> {
  const url = config.databaseUrl ?? (await embedded(config, closers, log))
  const directUrl = config.databaseDirectUrl ?? url
  await migrateOrSay(directUrl)
  const open = (max: number, name: string) => {
    let closing = false
    const onIdleError = (error: Error) => {
      if (!closing) log.warn({ reason: error.message, pool: name }, 'a database connection broke')
    }
    const db = connect({ connectionString: url, max, applicationName: `letterlock-${name}`, onIdleError })
    closers.defer(() => {
      closing = true
      return db.destroy()
    })
    return db
  }
  return { db: open(20, 'requests'), jobsDb: open(8, 'jobs'), directUrl }
}

async function embedded(config: Config, closers: AsyncDisposableStack, log: Log): Promise<string> {
  const cluster = await startCluster({
    dataDir: config.dataDir,
    log: (event) => log.info({ cluster: event }, 'embedded PostgreSQL'),
  })
  closers.defer(() => cluster.stop())
  await cluster.ensureDatabase('letterlock')
  return cluster.connectionString('letterlock')
}

async function migrateOrSay(url: string): Promise<void> {
  try {
    await migrate(url)
  } catch (error) {
    if (!isOutage(error)) throw error
    const { host, pathname, username } = new URL(url)
    const reason = error instanceof Error ? error.message : String(error)
    throw new DatabaseError(
      `Cannot use PostgreSQL at ${host}${pathname} as ${username || 'the default user'}: ${reason || 'no answer'}. ` +
        'Start it, or correct DATABASE_URL.',
      { cause: error },
    )
  }
}
