/** The one indexed read of a verification, on connections of its own. */
import type { AccessTokenId, KeyId } from '@letterlock/contract'
import pg from 'pg'
import { inBatches } from './in-batches.ts'
import {
  accessTokenStatement, decodeKeyRows, foreignKeyStatement, importPrefixesStatement, type KeyForVerification, keySettings, keyStatement, type Row,
} from './key-statement.ts'

/** What the store says about an id. */
export interface KeyStoreRead {
  /** The revision of the control plane, as of the snapshot of the read. */
  revision: number
  found: KeyForVerification | null
}

export interface KeyStoreOptions {
  connectionString: string
  /** Connections at most. */
  max: number
  applicationName: string
  /** An idle connection broke (the database restarted, say); the store has dropped it. */
  onIdleError?: (error: Error) => void
}

export interface KeyStore {
  /**
   * Reads a key. It has no tenant scope: the token says which key it claims to be, and nothing is believed of the
   * claim until the digest is compared. An unknown id costs what a known one does.
   * @throws when the database is out, or gives no connection within 500 ms or no answer within 800 ms
   */
  readKey(id: KeyId): Promise<KeyStoreRead>
  /**
   * Reads the imported key of a foreign token by the lookups of it, one for each pepper, by all that is said of `readKey`.
   */
  readForeignKey(lookups: readonly string[]): Promise<KeyStoreRead>
  /** Reads the key of an access token, narrowed to what the token may, with the token as its secret; by all that is said of `readKey`. */
  readAccessToken(id: AccessTokenId): Promise<KeyStoreRead>
  /** What foreign tokens begin with, as of now. @throws as `readKey` does */
  listImportPrefixes(): Promise<string[]>
  close(): Promise<void>
}

interface Statement {
  readonly name: string
  readonly text: string
}

const connectDeadlineMs = 500
const queryDeadlineMs = 800
/** Keys of a statement at most: what is asked at once is shared out over the connections. */
const maxBatch = 16

/** Opens a store. Connections are made when needed, so a database that is out does not fail here. */
export function openKeyStore(options: KeyStoreOptions): KeyStore {
  const pool = openPool(options)

  async function readKeys(ids: readonly KeyId[]): Promise<KeyStoreRead[]> {
    const rows = await query(pool, keyStatement, [ids])
    return decodeKeyRows(rows, ids.length).map(({ revision, key }, index) => {
      return { revision, found: key !== null && key.id === ids[index] && key.secrets.length > 0 ? key : null }
    })
  }

  async function readAccessTokens(ids: readonly AccessTokenId[]): Promise<KeyStoreRead[]> {
    const rows = await query(pool, accessTokenStatement, [ids])
    return decodeKeyRows(rows, ids.length).map(({ revision, key, accessTokenId }, index) => {
      return { revision, found: accessTokenId === ids[index] && key !== null && key.secrets.length > 0 ? key : null }
    })
  }

  async function readForeignKeys(questions: readonly (readonly string[])[]): Promise<KeyStoreRead[]> {
    const asked = questions.flat()
    const read = decodeKeyRows(await query(pool, foreignKeyStatement, [asked]), asked.length)
    const found = new Map(read.map(({ lookup, key }) => [lookup, key]))
    return questions.map((lookups) => {
      const lookup = lookups.find((each) => found.has(each))
      return { revision: revisionOf(read), found: lookup === undefined ? null : (found.get(lookup) ?? null) }
    })
  }

  async function listImportPrefixes(): Promise<string[]> {
    const rows = await query(pool, importPrefixesStatement, [])
    return rows.flatMap(([prefix]) => prefix ?? [])
  }

  return {
    readKey: inBatches(readKeys, maxBatch),
    readAccessToken: inBatches(readAccessTokens, maxBatch),
    readForeignKey: inBatches(readForeignKeys, maxBatch),
    listImportPrefixes,
    close: () => pool.end(),
  }
}

function openPool({ connectionString, max, applicationName, onIdleError }: KeyStoreOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max,
    application_name: applicationName,
    connectionTimeoutMillis: connectDeadlineMs,
    query_timeout: queryDeadlineMs,
    statement_timeout: queryDeadlineMs,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    options: keySettings.map((setting) => `-c ${setting}`).join(' '),
    types: { getTypeParser: () => asText as never }, // decodeKeyRows() reads the text
  })
  pool.on('error', (error) => onIdleError?.(error))
  // a connection can also break while it is used, where the query says so; an unheard event would end the process
  pool.on('connect', (client) => void client.on('error', () => undefined))
  return pool
}

/** All rows are of one snapshot. */
function revisionOf([first]: readonly { readonly revision: number }[]): number {
  if (!first) throw new Error('A foreign key was asked for by no lookup.')
  return first.revision
}

const asText = (text: string): string => text
const used = new WeakSet<pg.PoolClient>()

/**
 * Asks once; asks again at once when the connection was an old one that turned out to be broken, as all are after a
 * restart of the database. Each try drops one of them, so it ends at a fresh one. With callbacks: it is a hot path.
 */
function query(pool: pg.Pool, statement: Statement, values: readonly (readonly string[])[]): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    const attempt = (): void =>
      pool.connect((connectError, client, release) => {
        if (connectError || !client) return reject(connectError)
        const isFresh = !used.has(client)
        used.add(client)
        // a query in pg's own terms: the shorter overloads have no rowMode with a callback
        const asked = { ...statement, values, rowMode: 'array' } as unknown as pg.QueryConfig
        client.query(asked, (error, result) => {
          release(error ?? undefined) // an error drops the connection, whatever it is still busy with
          if (!error) return resolve(result.rows as Row[])
          if (isFresh || !isBroken(error)) return reject(error)
          attempt()
        })
      })
    attempt()
  })
}

// not an answer of the server's about the statement, and not the deadline either
function isBroken(error: Error & { severity?: string }): boolean {
  return error.message !== 'Query read timeout' && (!(error instanceof pg.DatabaseError) || error.severity === 'FATAL')
}
