import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import type { DB } from './schema.ts'

/** A pool of connections. Readers take `Db | Tx`. */
export type Db = Kysely<DB>

/** An open transaction. Writers take `Tx`: what they change, they change together. */
export type Tx = Transaction<DB>

export interface ConnectOptions {
  connectionString: string
  /** Connections at most. */
  max: number
  applicationName: string
  /** How long an answer is waited for, which is longer than the server may work on it; 35 000 unless given. */
  queryTimeoutMs?: number
  /** An idle connection broke (the database restarted, say); the pool has dropped it. */
  onIdleError?: (error: Error) => void
  /** Called with each compiled statement; tests collect them. */
  onQuery?: (sql: string) => void
}

/**
 * Opens a pool. Connections are made when needed, so a database that is out does not fail here. A database host that
 * went without a word is noticed by the silence: the statement fails, and its connection is dropped.
 */
export function connect(options: ConnectOptions): Db {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.max,
    application_name: options.applicationName,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
    query_timeout: options.queryTimeoutMs ?? 35_000,
    keepAlive: true,
    idle_in_transaction_session_timeout: 30_000,
    types: { getTypeParser: typeParser as typeof pg.types.getTypeParser }, // the overloads differ in the format only
  })
  pool.on('error', (error) => options.onIdleError?.(error))
  // a connection can also break between two statements of a transaction, where nobody listens: the next statement
  // fails and says so, but an unheard 'error' event would end the process
  pool.on('connect', (client) => {
    client.on('error', () => undefined)
    dropWhenSilent(client)
  })
  const { onQuery } = options
  return new Kysely<DB>({
    dialect: new PostgresDialect({ pool }),
    ...(onQuery && { log: (event) => onQuery(event.query.sql) }),
  })
}

// a connection that gave no answer still waits for it, and would keep the rollback and the next user waiting as well
function dropWhenSilent(client: pg.PoolClient): void {
  const { query } = client
  const { end } = client as unknown as pg.Client // a pool's client is one
  client.query = (...asked: unknown[]) => {
    const answer: unknown = Reflect.apply(query, client, asked)
    if (answer instanceof Promise) answer.catch((error: Error) => void (error.message === 'Query read timeout' && Reflect.apply(end, client, [])))
    return answer as never // as the original
  }
}

/** How values are read: int8 as a number, since our counters stay far below 2^53. */
export function typeParser(oid: number, format?: 'text' | 'binary') {
  return oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)
}
